/**
 * The parts of the filter impair: its parameters (impair_args.c), and what happens to the frames of one direction
 * (impair_lane.c).
 */
#ifndef BARESOCK_LINK_IMPAIR_H
#define BARESOCK_LINK_IMPAIR_H

#include <stdbool.h>
#include <stdint.h>

#include "baresock/link.h"

/** Chances are counted in millionths: 0.0001%. */
#define IMPAIR_ALWAYS 1000000u

/** What the link string says. */
struct impair_params {
  uint32_t loss; /**< chances, out of IMPAIR_ALWAYS */
  uint32_t reorder;
  uint32_t duplicate;
  uint32_t corrupt;
  bs_time_t delay;
  bs_time_t jitter; /**< not more than the delay */
  uint64_t rate;    /**< bits per second, 0 for no limit */
  uint32_t seed;
  unsigned queue; /**< frames that each direction holds, at least 2: one may be doubled */
  bool tx;        /**< what is sent is impaired */
  bool rx;        /**< what is received is impaired */
};

/** Read the parameters. @return 0 or -EINVAL with the reason in @p why */
int impair_read_params(struct impair_params *params, const struct bs_link_args *args, char *why);

/** A frame that is held. */
struct impair_frame {
  struct impair_frame *next;
  struct impair_frame *prev;
  bs_time_t due;   /**< when it goes on */
  uint64_t number; /**< of the order in which they came */
  unsigned behind; /**< of one that is held back: how many later ones are to go before it */
  size_t len;
  uint8_t data[BS_FRAME_MAX];
};

/** A list of frames, by the time they are due, then by number. */
struct impair_list {
  struct impair_frame *first;
  struct impair_frame *last;
};

/** One direction. */
struct impair_lane {
  const struct impair_params *params;
  uint64_t seed;
  uint64_t came;      /**< frames that came */
  uint64_t numbered;  /**< frames that were held, copies included */
  uint64_t line_free; /**< in nanoseconds: when the line of limited rate has sent all that was put on it */
  uint64_t lost;
  uint64_t full; /**< times that there was no room */
  unsigned held; /**< frames in the two lists */
  struct impair_list waiting;
  struct impair_list held_back; /**< to be overtaken; here due is when they are let go at the latest */
  struct impair_frame *room;
  struct impair_frame *unused; /**< those that were used before */
};

/** Make a direction, whose fates are those of @p stream of the seed. @return 0 or -ENOMEM */
int impair_lane_init(struct impair_lane *lane, const struct impair_params *params, unsigned stream);

/** Free what it holds. */
void impair_lane_free(struct impair_lane *lane);

/** Room for the next frame, BS_FRAME_MAX bytes; NULL, and counted, when there is none. */
uint8_t *impair_lane_room(struct impair_lane *lane);

/** Whether there is room; counts nothing. */
bool impair_lane_has_room(const struct impair_lane *lane);

/** Decide what happens to the frame that was put into impair_lane_room(). */
void impair_lane_put(struct impair_lane *lane, size_t len);

/** The frame that goes on now, which stays there until impair_lane_drop(); NULL for none. */
const struct impair_frame *impair_lane_peek(struct impair_lane *lane);

/** The frame that impair_lane_peek() gave has gone on. */
void impair_lane_drop(struct impair_lane *lane);

/** When the next frame goes on, BS_TIME_NEVER without one. */
bs_time_t impair_lane_due(const struct impair_lane *lane);

/** Whether it holds frames. */
bool impair_lane_holds(const struct impair_lane *lane);

#endif /* BARESOCK_LINK_IMPAIR_H */
