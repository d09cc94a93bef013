/**
 * What a stream has received and nobody has read yet.
 */
#include "leak.h"

#include "lwip/memp.h"
#include "lwip/stats.h"

#include "socket/rxq.h"

static struct rxq q;

static void
append(const void *data, uint16_t len, pbuf_type type)
{
  struct pbuf *p = pbuf_alloc(PBUF_RAW, len, type);

  assert_non_null(p);
  assert_int_equal(pbuf_take(p, data, len), ERR_OK);
  rxq_append(&q, p);
}

static size_t
read_into(void *buf, size_t len, bool peek)
{
  struct iovec iov = { buf, len };
  struct iov_cursor room;
  size_t n;

  assert_int_equal(iov_cursor_init(&room, &iov, 1), 0);
  n = rxq_peek(&q, &room);
  if (!peek) {
    rxq_skip(&q, n);
  }
  return n;
}

static void
test_empty_read_gives_nothing(void **state)
{
  char buf[4];

  (void)state;
  assert_int_equal(read_into(buf, sizeof(buf), false), 0);
  rxq_skip(&q, 0);
}

static void
test_two_segments_one_read_takes_both(void **state)
{
  char buf[16];

  (void)state;
  append("hello ", 6, PBUF_POOL);
  append("world", 5, PBUF_POOL);
  assert_int_equal(q.bytes, 11);
  assert_int_equal(read_into(buf, sizeof(buf), false), 11);
  assert_memory_equal(buf, "hello world", 11);
  assert_int_equal(q.bytes, 0);
  assert_null(q.first);
}

static void
test_part_read_the_rest_stays(void **state)
{
  char buf[16];

  (void)state;
  append("hello", 5, PBUF_POOL);
  assert_int_equal(read_into(buf, 2, false), 2);
  assert_int_equal(q.bytes, 3);
  append("!", 1, PBUF_POOL);
  assert_int_equal(read_into(buf, sizeof(buf), false), 4);
  assert_memory_equal(buf, "llo!", 4);
}

static void
test_part_read_peek_begins_there_and_moves_nothing(void **state)
{
  char buf[16];

  (void)state;
  append("hello", 5, PBUF_POOL);
  append("world", 5, PBUF_RAM);
  rxq_skip(&q, 3);
  assert_int_equal(read_into(buf, sizeof(buf), true), 7);
  assert_int_equal(read_into(buf, sizeof(buf), true), 7);
  assert_memory_equal(buf, "loworld", 7);
  rxq_clear(&q);
}

static void
test_chain_each_piece_is_kept(void **state)
{
  struct pbuf *p = pbuf_alloc(PBUF_RAW, 4, PBUF_POOL);
  struct pbuf *empty = pbuf_alloc(PBUF_RAW, 0, PBUF_RAM);
  struct pbuf *tail = pbuf_alloc(PBUF_RAW, 300, PBUF_RAM);
  char buf[304];

  (void)state;
  pbuf_take(p, "head", 4);
  memset(tail->payload, 't', 300);
  pbuf_cat(p, empty);
  pbuf_cat(p, tail);
  rxq_append(&q, p);
  assert_int_equal(q.bytes, 304);
  assert_int_equal(read_into(buf, sizeof(buf), false), 304);
  assert_memory_equal(buf, "headttt", 7);
}

/* Where pools come from malloc(), the heap counts them as well. */
static uint32_t
bytes_held(void)
{
  return counter("pool", "MEMORY") + (BS_POOLS_MALLOC ? 0 : counter("pool", "PBUF_POOL") * PBUF_POOL_BUFSIZE);
}

static void
test_million_one_byte_segments_pin_no_more_than_they_are(void **state)
{
  enum { SEGMENTS = 1000000 };
  uint32_t before = bytes_held();
  static char buf[SEGMENTS];
  uint32_t held;
  int i;

  (void)state;
  if (BS_MEM_SIZE < 4 * SEGMENTS) {
    skip();
  }
  for (i = 0; i < SEGMENTS; i++) {
    char byte = (char)i;

    append(&byte, 1, PBUF_POOL);
  }
  held = bytes_held() - before;
  assert_in_range(held, SEGMENTS, SEGMENTS + SEGMENTS / 4);
  assert_int_equal(read_into(buf, sizeof(buf), false), SEGMENTS);
  for (i = 0; i < SEGMENTS; i++) {
    assert_true(buf[i] == (char)i);
  }
}

static void
test_lesson_22_pool_short_data_moves_out_of_it(void **state)
{
  static char block[1400];
  unsigned i, n = BS_PBUF_POOL - BS_PBUF_POOL / 8;

  (void)state;
  if (BS_POOLS_MALLOC || BS_MEM_SIZE < BS_PBUF_POOL * 1600) {
    skip();
  }
  for (i = 0; i < 2 * n; i++) {
    append(block, sizeof(block), PBUF_POOL);
  }
  assert_true(counter("pool", "PBUF_POOL") < n);
  rxq_clear(&q);
}

static void
test_buffer_shared_is_not_written_into(void **state)
{
  struct pbuf *p = pbuf_alloc(PBUF_RAW, 4, PBUF_POOL);
  char buf[8];

  (void)state;
  pbuf_take(p, "mine", 4);
  pbuf_ref(p);
  p->len = p->tot_len = 2;
  rxq_append(&q, p);
  append("XX", 2, PBUF_POOL);
  assert_memory_equal(p->payload, "mine", 4);
  assert_int_equal(read_into(buf, sizeof(buf), false), 4);
  assert_memory_equal(buf, "miXX", 4);
  pbuf_free(p);
}

int
main(void)
{
  const struct CMUnitTest tests[] = {
    leak_free(test_empty_read_gives_nothing),
    leak_free(test_two_segments_one_read_takes_both),
    leak_free(test_part_read_the_rest_stays),
    leak_free(test_part_read_peek_begins_there_and_moves_nothing),
    leak_free(test_chain_each_piece_is_kept),
    leak_free(test_million_one_byte_segments_pin_no_more_than_they_are),
    leak_free(test_lesson_22_pool_short_data_moves_out_of_it),
    leak_free(test_buffer_shared_is_not_written_into),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
