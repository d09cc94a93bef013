/**
 * Random sequences of calls give the same on the kernel's sockets and on ours. A sequence that does not is cut down to
 * the shortest that still differs, and printed.
 *
 * BARESOCK_SEED=N begins with another sequence than the first, BARESOCK_SEQUENCES=N runs so many.
 */
#include "random_calls.h"

#include "baresock/config.h"

#define SEQUENCES 10000

/* So often both are given a millisecond to agree, at first; then, when it is known what differs, less. */
#define TRIES         3000
#define TRIES_SHORTER 100

/* A difference that is one of time does not come again. */
#define REPEATS 4

/* --- making a sequence --- */

static uint32_t random_state;

/* A number below limit (xorshift). */
static unsigned
pick(unsigned limit)
{
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return random_state % limit;
}

static void
add(struct sequence *sequence, uint8_t action, unsigned slot, unsigned other, unsigned arg)
{
  sequence->steps[sequence->count++] = (struct step){ action, (uint8_t)slot, (uint8_t)other, (uint8_t)arg };
}

static struct sequence
make(uint32_t seed)
{
  /* How often an action is taken. */
  static const uint8_t actions[] = {
    OPEN_STREAM, OPEN_STREAM, OPEN_DATAGRAM, BIND,    BIND,    BIND_TO_THE_SAME,
    LISTEN,      LISTEN,      CONNECT,       CONNECT, CONNECT, DISCONNECT,
    ACCEPT,      ACCEPT,      ACCEPT,        SEND,    SEND,    SEND,
    SENDTO,      SENDTO,      RECV,          RECV,    RECV,    RECV,
    SHUTDOWN,    SHUTDOWN,    CLOSE,         RESET,   NAMES,   NAMES,
    GET_OPTION,  GET_OPTION,  SET_OPTION,
  };
  struct sequence sequence = { 0 };

  random_state = seed * 2654435761u | 1;
  /* Most begin with a connection, which chance alone seldom makes. */
  if (pick(4) != 0) {
    add(&sequence, OPEN_STREAM, 0, 0, 0);
    add(&sequence, BIND, 0, 0, 0);
    add(&sequence, LISTEN, 0, 0, 0);
    add(&sequence, OPEN_STREAM, 1, 0, 0);
    add(&sequence, CONNECT, 1, 0, 0);
    if (pick(4) != 0) {
      add(&sequence, ACCEPT, 0, 2, 0);
    }
  } else if (pick(2) != 0) {
    add(&sequence, OPEN_DATAGRAM, 0, 0, 0);
    add(&sequence, BIND, 0, 0, 0);
    add(&sequence, OPEN_DATAGRAM, 1, 0, 0);
    add(&sequence, pick(2) ? CONNECT : BIND, 1, 0, 0);
  }
  while (sequence.count < STEPS_MOST) {
    add(&sequence, actions[pick(sizeof(actions))], pick(SLOTS), pick(SLOTS), pick(256));
  }
  return sequence;
}

/* --- running it --- */

static unsigned tries;

/* What can be seen without changing anything. */
static void
look(struct side *side)
{
  struct pollfd p[SLOTS];
  size_t length = 0;
  unsigned i;

  for (i = 0; i < SLOTS; i++) {
    p[i] = (struct pollfd){ side->fds[i], POLLIN | POLLOUT | POLLPRI | POLLRDNORM | POLLWRNORM | POLLRDHUP, 0 };
  }
  assert_true(side->on->poll(p, SLOTS, 0) >= 0);
  for (i = 0; i < SLOTS; i++) {
    int readable = 0;

    if (side->fds[i] >= 0) {
      (void)side->on->ioctl_int(side->fds[i], FIONREAD, &readable);
      length += (size_t)snprintf(side->seen + length, sizeof(side->seen) - length, "%u: poll 0x%x, %d bytes; ", i,
                                 (unsigned)p[i].revents, readable);
    }
  }
  side->seen[length] = '\0';
}

/* Give both time until they look the same. */
static bool
agree(struct side *theirs, struct side *our_side)
{
  static const struct timespec ms = { .tv_nsec = 1000000 };
  unsigned i;

  if (strcmp(theirs->said, our_side->said) != 0) {
    return false;
  }
  for (i = 0; i < tries; i++) {
    settle();
    look(theirs);
    look(our_side);
    if (strcmp(theirs->seen, our_side->seen) == 0) {
      return true;
    }
    nanosleep(&ms, NULL);
  }
  return false;
}

static void
end_all(struct side *side)
{
  unsigned i;

  for (i = 0; i < SLOTS; i++) {
    if (side->fds[i] >= 0) {
      struct linger linger = { 1, 0 };

      /* Connections in TIME_WAIT would use up the kernel's ports. */
      (void)side->on->setsockopt(side->fds[i], SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
      (void)side->on->close(side->fds[i]);
    }
  }
}

static void
begin_side(struct side *side, const struct calls *on)
{
  memset(side, 0, sizeof(*side));
  memset(side->fds, 0xff, sizeof(side->fds));
  side->on = on;
}

/* @return the steps that were taken until one differed, or 0; what was said then is in the sides */
static unsigned
run_once(const struct sequence *sequence, const struct calls *tested, struct side *theirs, struct side *our_side)
{
  unsigned differs = 0;
  unsigned i;

  memset(&model, 0, sizeof(model));
  begin_side(theirs, &kernel);
  begin_side(our_side, tested);
  for (i = 0; i < sequence->count && differs == 0; i++) {
    const struct step *step = &sequence->steps[i];

    if (applies(step)) {
      do_step(theirs, step);
      do_step(our_side, step);
      if (agree(theirs, our_side)) {
        follow(step, theirs);
      } else {
        differs = i + 1;
      }
    }
  }
  end_all(theirs);
  end_all(our_side);
  settle();
  return differs;
}

static unsigned
run_sequence(const struct sequence *sequence, const struct calls *tested, struct side *theirs, struct side *our_side)
{
  unsigned differs = 1;
  unsigned i;

  for (i = 0; i < REPEATS && differs != 0; i++) {
    differs = run_once(sequence, tested, theirs, our_side);
  }
  return differs;
}

/* --- the shortest that differs --- */

static struct sequence
without(const struct sequence *sequence, unsigned from, unsigned count)
{
  struct sequence shorter = *sequence;

  memmove(shorter.steps + from, shorter.steps + from + count,
          (sequence->count - from - count) * sizeof(shorter.steps[0]));
  shorter.count -= count;
  return shorter;
}

static void
shorten(struct sequence *sequence, const struct calls *tested)
{
  struct side theirs, our_side;
  unsigned size;

  for (size = sequence->count / 2; size > 0; size /= 2) {
    unsigned from = 0;

    while (from + size <= sequence->count) {
      struct sequence shorter = without(sequence, from, size);
      unsigned differs = run_sequence(&shorter, tested, &theirs, &our_side);

      if (differs != 0) {
        shorter.count = differs;
        *sequence = shorter;
      } else {
        from += size;
      }
    }
  }
}

/* @return the first sequence that differs, or 0; it is then as short as can be */
static uint32_t
find_difference(uint32_t from, uint32_t count, const struct calls *tested, struct sequence *found)
{
  struct side theirs, our_side;
  uint32_t seed;

  for (seed = from; seed < from + count; seed++) {
    unsigned differs;

    *found = make(seed);
    tries = TRIES;
    differs = run_sequence(found, tested, &theirs, &our_side);
    if (differs != 0) {
      found->count = differs;
      tries = TRIES_SHORTER;
      shorten(found, tested);
      return seed;
    }
  }
  return 0;
}

static void
explain(uint32_t seed, const struct sequence *sequence, const struct calls *tested)
{
  struct side theirs, our_side;
  unsigned i;

  (void)run_sequence(sequence, tested, &theirs, &our_side);
  print_message("# Sequence %u, cut down:\n", (unsigned)seed);
  for (i = 0; i < sequence->count; i++) {
    print_step(&sequence->steps[i]);
  }
  print_message("# Linux:    %s| %s\n# baresock: %s| %s\n", theirs.said, theirs.seen, our_side.said, our_side.seen);
}

static uint32_t
number_from(const char *name, uint32_t or_else)
{
  const char *text = getenv(name);

  return text != NULL ? (uint32_t)strtoul(text, NULL, 10) : or_else;
}

static void
test_random_calls_as_linux(void **state)
{
  struct sequence found;
  uint32_t seed;

  (void)state;
  seed = find_difference(number_from("BARESOCK_SEED", 1), number_from("BARESOCK_SEQUENCES", SEQUENCES), &ours, &found);
  if (seed != 0) {
    explain(seed, &found, &ours);
    fail();
  }
}

/* --- the search itself --- */

static ssize_t
recv_that_forgets_resets(int fd, void *buf, size_t len, int flags, struct sockaddr *from, socklen_t *fromlen)
{
  ssize_t n = bs_recvfrom(fd, buf, len, flags, from, fromlen);

  return n < 0 && errno == ECONNRESET ? 0 : n;
}

static void
test_a_fault_is_found_and_cut_down(void **state)
{
  struct calls faulty = ours;
  struct sequence found;

  (void)state;
  faulty.recvfrom = recv_that_forgets_resets;
  assert_int_not_equal(find_difference(1, SEQUENCES, &faulty, &found), 0);
  /* Open, bind, listen; open, connect; accept; reset; receive. */
  assert_in_range(found.count, 3, 8);
  assert_int_equal(found.steps[found.count - 1].action, RECV);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    leak_free(test_random_calls_as_linux),
    leak_free(test_a_fault_is_found_and_cut_down),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
