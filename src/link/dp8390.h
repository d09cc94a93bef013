/**
 * The DP8390 and its clones, as NE2000 cards have them: 16 bits wide, with 16 KB of memory of the card's own.
 */
#ifndef BARESOCK_LINK_DP8390_H
#define BARESOCK_LINK_DP8390_H

#include <stdbool.h>
#include <stdint.h>

#include "link/args.h"
#include "link/queue.h"

#define DP8390_BUFFERS 2u /* for frames to be sent */

struct dp8390 {
  uint16_t base;                /**< the card's first port */
  struct bs_link_status status; /**< its address and counters */
  uint8_t rcr;
  uint8_t mar[8];

  /* The card's ring: the page where the next frame begins. */
  uint8_t next_page;

  /* The ring in memory, of BS_NIC_RX frames: the handler puts, the program gets. */
  struct link_frame *frame;
  volatile unsigned put, got;
  volatile bool stalled; /**< frames stay on the card until there is room */

  /* Frames to be sent: their lengths, 0 where there is none, and which one is under way. */
  unsigned tx_len[DP8390_BUFFERS];
  unsigned tx_active;
  bs_time_t tx_since;

  volatile bool dma_taken; /**< dp8390_send() uses the remote DMA */
};

/** Whether something at the chip's base behaves like one, and has 16-bit memory where an NE2000 has it. Stops it. */
bool dp8390_find(struct dp8390 *chip);

/** Read the PROM of a chip that is stopped: @p len bytes (an even number) from its beginning. @return false if it fails */
bool dp8390_read_prom(struct dp8390 *chip, void *to, size_t len);

/** Have it raise its interrupt, once, and be silent again with dp8390_stop(). */
void dp8390_raise(struct dp8390 *chip);

/** Take its interrupt back, from a handler that does no more. */
void dp8390_silence(struct dp8390 *chip);

/** From any state to one that receives, with the address in its status. What was on the card is lost. */
void dp8390_start(struct dp8390 *chip);

/** Receive and send no more. */
void dp8390_stop(struct dp8390 *chip);

/** For its interrupt. */
void dp8390_interrupt(struct dp8390 *chip);

/** As a link's operations. */
int dp8390_send(struct dp8390 *chip, const struct iovec *iov, int count);
size_t dp8390_receive(struct dp8390 *chip, void *buf, size_t cap);
void dp8390_set_filter(struct dp8390 *chip, const struct bs_link_filter *filter);
void dp8390_status(struct dp8390 *chip, struct bs_link_status *status);

/** Whether a frame is being sent; one whose end was lost is not. */
bool dp8390_is_sending(const struct dp8390 *chip);

/** When the end of the frame that is being sent is believed to have been lost; BS_TIME_NEVER when none is. */
bs_time_t dp8390_lost_at(const struct dp8390 *chip);

#endif /* BARESOCK_LINK_DP8390_H */
