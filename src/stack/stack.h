/**
 * The life of lwIP: start, pump, wait, clock. One thread, no nesting.
 */
#ifndef BARESOCK_STACK_H
#define BARESOCK_STACK_H

#include <stdbool.h>
#include <stdint.h>

#include "baresock/net.h"
#include "baresock/wait.h"

/** Start lwIP and the clock, once; later calls do nothing. @return 0 or a negative errno */
int stack_init(void);

/** Whether stack_init() was called. */
bool stack_is_up(void);

/**
 * Move the network on: take a bounded number of frames from each link, run the timers that are due, send what
 * was held back. Never waits, and never runs inside itself: from within one of lwIP's or a
 * link's callbacks it does nothing.
 *
 * @return how many frames and timers were handled; 0 when there was nothing to do
 */
unsigned stack_pump(void);

/**
 * Pump; when that had nothing to do, sleep until a link has something, the next timer or @p deadline is due, or
 * a source of @p callers is ready; then pump again. Callers loop: the condition they wait for is theirs to check.
 *
 * @param callers  further sources to wait for, whose revents are filled in; NULL for none
 * @param deadline when to stop sleeping; BS_TIME_NEVER for no limit
 * @return 0; -ETIMEDOUT when the deadline had passed already (the sources were looked at all the same); -EINTR when
 *   the port was interrupted
 */
int stack_wait(struct bs_waitset *callers, bs_time_t deadline);

/** Pump, unless that was done within the last millisecond: for calls that would otherwise never let the network on. */
void stack_pump_now_and_then(void);

/**
 * Call @p call at the end of each pump, from now on; NULL for nobody. It may use sockets as long as it does not wait: they
 * have what came, and the network does not move meanwhile.
 */
void stack_after_pump(void (*call)(void));

/** The stack's clock, in microseconds. */
bs_time_t stack_now(void);

/** Point in time @p ms milliseconds from now. */
bs_time_t stack_after_ms(uint32_t ms);

/** How often a wait was cut short because its waitset was full (BS_WAIT_SOURCES). */
uint32_t stack_crowded_waits(void);

/** Whether what is received must not take more of lwIP's heap: the rest is for sending, acknowledgments above all. */
bool stack_heap_is_short(void);

/** 32 unpredictable bits. */
uint32_t stack_random(void);

/** Where the floor above adds its counters to bs_net_stats(); fills in number 0, 1, ..., false past its last. */
extern bool (*stat_next_floor)(unsigned number, struct bs_net_stat *stat);

/** Work comes for lwIP (a frame, a call of the program): parked timers must look again. Not from within lwIP. */
void timers_kick(void);

/** When the timer of src/stack/timers.c that is due first is due; BS_TIME_NEVER for none. */
bs_time_t timers_next_due(void);

/** Run the timers that are due. @return how many ran */
unsigned timers_run(bs_time_t now);

#endif /* BARESOCK_STACK_H */
