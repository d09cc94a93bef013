/**
 * The frames of one direction: what happens to each, and when it goes on.
 *
 * The fate of a frame hangs on the seed, the direction and how many frames came before it, on nothing else: a frame
 * that is lost under a seed is lost whatever the other direction does, and whatever else is asked for.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "baresock/net.h"
#include "link/impair.h"

#define US_PER_MS 1000u
#define NS_PER_US 1000u
#define NS_PER_S  1000000000u
#define BITS      8u

/* How many frames overtake one that is held back, at most. */
#define BEHIND_MOST 3u

/* --- chance --- */

/* 2^64 divided by the golden ratio: its multiples spread evenly. */
#define STEP 0x9e3779b97f4a7c15u

/* A permutation of 64 bits in which each bit of the argument changes half of the result's. */
static uint64_t
scramble(uint64_t x)
{
  x = (x ^ x >> 32) * 0xd6e8feb86659fd93u;
  x = (x ^ x >> 32) * 0xd6e8feb86659fd93u;
  return x ^ x >> 32;
}

/* The next number of a frame's own sequence. */
static uint32_t
chance_next(uint64_t *chance)
{
  *chance += STEP;
  return (uint32_t)(scramble(*chance) >> 32);
}

/* An even number from 0 to @p below - 1. */
static uint32_t
chance_below(uint64_t *chance, uint64_t below)
{
  return (uint32_t)(chance_next(chance) * below >> 32);
}

static bool
chance_hits(uint64_t *chance, uint32_t millionths)
{
  return chance_below(chance, IMPAIR_ALWAYS) < millionths;
}

/* --- lists --- */

static bool
goes_before(const struct impair_frame *a, const struct impair_frame *b)
{
  return a->due < b->due || (a->due == b->due && a->number < b->number);
}

/* From the end, where most belong. */
static void
list_add(struct impair_list *list, struct impair_frame *frame)
{
  struct impair_frame *after = list->last;

  while (after != NULL && goes_before(frame, after)) {
    after = after->prev;
  }
  frame->prev = after;
  frame->next = after != NULL ? after->next : list->first;
  *(frame->next != NULL ? &frame->next->prev : &list->last) = frame;
  *(after != NULL ? &after->next : &list->first) = frame;
}

static void
list_remove(struct impair_list *list, struct impair_frame *frame)
{
  *(frame->prev != NULL ? &frame->prev->next : &list->first) = frame->next;
  *(frame->next != NULL ? &frame->next->prev : &list->last) = frame->prev;
}

/* Room that was used before comes first: the rest of a long queue is never touched. */
static struct impair_frame *
next_unused(const struct impair_lane *lane)
{
  return lane->unused != NULL ? lane->unused : &lane->room[lane->held];
}

static struct impair_frame *
take_unused(struct impair_lane *lane)
{
  struct impair_frame *frame = next_unused(lane);

  if (lane->unused != NULL) {
    lane->unused = frame->next;
  }
  lane->held++;
  return frame;
}

static void
give_back(struct impair_lane *lane, struct impair_frame *frame)
{
  frame->next = lane->unused;
  lane->unused = frame;
  lane->held--;
}

/* --- a frame comes --- */

/* When a frame has passed the line of limited rate, one after the other. */
static bs_time_t
pass_line(struct impair_lane *lane, size_t len)
{
  bs_time_t now = bs_now();
  uint64_t start = now * NS_PER_US;

  if (lane->params->rate == 0) {
    return now;
  }
  if (lane->line_free > start) {
    start = lane->line_free;
  }
  lane->line_free = start + len * BITS * NS_PER_S / lane->params->rate;
  return (lane->line_free + NS_PER_US - 1) / NS_PER_US;
}

/* Each asks for as many numbers as any other, so that what is asked for does not change what else happens. */
static void
hold(struct impair_lane *lane, struct impair_frame *frame, uint64_t *chance)
{
  const struct impair_params *params = lane->params;
  bool corrupt = chance_hits(chance, params->corrupt);
  uint32_t bit = chance_below(chance, frame->len * BITS);
  bs_time_t jitter = chance_below(chance, 2 * params->jitter + 1);
  bool reorder = chance_hits(chance, params->reorder);
  unsigned behind = 1 + chance_below(chance, BEHIND_MOST);

  if (corrupt) {
    frame->data[bit / BITS] ^= (uint8_t)(1u << bit % BITS);
  }
  frame->number = lane->numbered++;
  frame->due = pass_line(lane, frame->len) + params->delay - params->jitter + jitter;
  if (reorder) {
    frame->behind = behind;
    frame->due += (bs_time_t)BS_IMPAIR_HOLD_MS * US_PER_MS;
  }
  list_add(reorder ? &lane->held_back : &lane->waiting, frame);
}

bool
impair_lane_has_room(const struct impair_lane *lane)
{
  return lane->held + (lane->params->duplicate != 0 ? 2 : 1) <= lane->params->queue;
}

uint8_t *
impair_lane_room(struct impair_lane *lane)
{
  if (!impair_lane_has_room(lane)) {
    lane->full++;
    return NULL;
  }
  return next_unused(lane)->data;
}

void
impair_lane_put(struct impair_lane *lane, size_t len)
{
  uint64_t chance = scramble(lane->seed + lane->came++ * STEP);
  bool lose = chance_hits(&chance, lane->params->loss);
  bool duplicate = chance_hits(&chance, lane->params->duplicate);
  struct impair_frame *frame;
  struct impair_frame *copy = NULL;

  if (lose) {
    lane->lost++;
    return;
  }
  frame = take_unused(lane);
  frame->len = len;
  if (duplicate) {
    copy = take_unused(lane);
    copy->len = len;
    memcpy(copy->data, frame->data, len);
  }
  hold(lane, frame, &chance);
  if (copy != NULL) {
    hold(lane, copy, &chance);
  }
}

/* --- a frame goes on --- */

/* Let go those that have been held back for long enough. */
static void
let_go_late(struct impair_lane *lane)
{
  bs_time_t now = bs_now();
  struct impair_frame *frame;

  while ((frame = lane->held_back.first) != NULL && frame->due <= now) {
    list_remove(&lane->held_back, frame);
    list_add(&lane->waiting, frame);
  }
}

/* Let go those that were overtaken by enough later ones: right behind the one that went now. */
static void
let_go_overtaken(struct impair_lane *lane, const struct impair_frame *gone)
{
  struct impair_frame *frame, *next;

  for (frame = lane->held_back.first; frame != NULL; frame = next) {
    next = frame->next;
    if (frame->number < gone->number && --frame->behind == 0) {
      list_remove(&lane->held_back, frame);
      frame->due = gone->due;
      list_add(&lane->waiting, frame);
    }
  }
}

const struct impair_frame *
impair_lane_peek(struct impair_lane *lane)
{
  let_go_late(lane);
  return lane->waiting.first != NULL && lane->waiting.first->due <= bs_now() ? lane->waiting.first : NULL;
}

void
impair_lane_drop(struct impair_lane *lane)
{
  struct impair_frame *gone = lane->waiting.first;

  list_remove(&lane->waiting, gone);
  let_go_overtaken(lane, gone);
  give_back(lane, gone);
}

bs_time_t
impair_lane_due(const struct impair_lane *lane)
{
  bs_time_t due = lane->waiting.first != NULL ? lane->waiting.first->due : BS_TIME_NEVER;

  return lane->held_back.first != NULL && lane->held_back.first->due < due ? lane->held_back.first->due : due;
}

bool
impair_lane_holds(const struct impair_lane *lane)
{
  return lane->held != 0;
}

/* --- its life --- */

int
impair_lane_init(struct impair_lane *lane, const struct impair_params *params, unsigned stream)
{
  memset(lane, 0, sizeof(*lane));
  lane->params = params;
  lane->seed = scramble(((uint64_t)params->seed << 32) + stream);
  lane->room = malloc(params->queue * sizeof(lane->room[0]));
  return lane->room != NULL ? 0 : -ENOMEM;
}

void
impair_lane_free(struct impair_lane *lane)
{
  free(lane->room);
}
