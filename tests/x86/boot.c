/* The machine itself, below any network card: memory, time, interrupts, randomness, and TCP from here to here. Prints
 * TAP on the console. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "baresock/net.h"
#include "baresock/socket.h"
#include "port.h"
#include "i386/entropy.h"
#include "x86/x86.h"

static int number;

static void
check(bool good, const char *what)
{
  number++;
  printf("%s %d - %s\n", good ? "ok" : "not ok", number, what);
}

static void
check_time(void)
{
  bs_time_t start = bs_now();
  bs_time_t before = start, now;
  bool forward = true;

  /* What randomness takes at the start is no part of what is measured. */
  (void)bs_net_init();
  while ((now = bs_now()) - start < 300000) {
    forward = forward && now >= before;
    before = now;
  }
  check(forward, "the clock never goes back");
  start = bs_now();
  (void)bs_net_sleep(700);
  now = bs_now() - start;
  printf("# 700 us took %lu us\n", (unsigned long)now);
  check(now >= 700, "a sleep is no shorter than asked for");
  start = bs_now();
  (void)bs_net_sleep(120000);
  check(bs_now() - start >= 120000, "a sleep may be longer than the timer's 55 ms");
  printf("# date %lu\n", (unsigned long)time(NULL));
}

static void
check_memory(void)
{
  size_t before = x86_memory_left();
  char *block = malloc(100000);

  check(block != NULL && before - x86_memory_left() >= 100000, "malloc() takes from the machine");
  memset(block, 1, 100000);
  free(block);
  check(malloc(x86_memory_size()) == NULL, "malloc() says when there is no more");
}

/* How often the commonest of the samples' last bits comes tells how much entropy there is at least. */
static void
measure_jitter(void)
{
  enum { SAMPLES = 2000, VALUES = 256 };
  static unsigned seen[VALUES];
  uint32_t last = 0, sample;
  unsigned most = 0;
  int i;

  i386_entropy_sample(&last);
  for (i = 0; i < SAMPLES; i++) {
    unsigned *count;

    i386_entropy_sample(&sample);
    count = &seen[(sample - last) % VALUES];
    last = sample;
    *count += 1;
    most = *count > most ? *count : most;
  }
  printf("# the commonest of %d jitter samples came %u times\n", SAMPLES, most);
  /* Half a bit a sample: the commonest value has at most 2^-0.5 of them. */
  check(most < SAMPLES * 7 / 10, "the timer's jitter is at least what is counted on");
}

static void
check_entropy(void)
{
  uint8_t a[64] = { 0 }, b[64] = { 0 };

  check(port_entropy(a, sizeof(a)) == 0 && port_entropy(b, sizeof(b)) == 0 && memcmp(a, b, sizeof(a)) != 0,
        "two draws of randomness differ");
  check(memcmp(a, a + 32, 32) != 0, "two halves of one draw differ");
}

static void
check_tcp(void)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  socklen_t len = sizeof(address);
  char text[6] = "";
  int listener = bs_socket(AF_INET, SOCK_STREAM, 0);
  int client = bs_socket(AF_INET, SOCK_STREAM, 0);
  int server;

  (void)bs_bind(listener, (struct sockaddr *)&address, len);
  (void)bs_listen(listener, 1);
  (void)bs_getsockname(listener, (struct sockaddr *)&address, &len);
  check(bs_connect(client, (struct sockaddr *)&address, len) == 0, "TCP connects over the loopback");
  server = bs_accept(listener, NULL, NULL);
  (void)bs_send(client, "words", 6, 0);
  check(bs_recv(server, text, sizeof(text), 0) == 6 && strcmp(text, "words") == 0, "what was sent is received");
  bs_close(client);
  check(bs_recv(server, text, sizeof(text), 0) == 0, "and then the end");
  bs_close(server);
  bs_close(listener);
}

int
main(int argc, char **argv)
{
  struct x86_module module;
  int i;

  for (i = 1; i < argc; i++) {
    printf("# word %s\n", argv[i]);
  }
  for (i = 0; x86_module((unsigned)i, &module); i++) {
    printf("# module %s: %.*s\n", module.name, (int)module.size, (const char *)module.data);
  }
  printf("# memory %lu KB, left %lu KB\n", (unsigned long)x86_memory_size() / 1024,
         (unsigned long)x86_memory_left() / 1024);
  printf("# variable %s\n", getenv("BARESOCK_HOSTNAME") != NULL ? getenv("BARESOCK_HOSTNAME") : "none");
  check_time();
  check_memory();
  check_entropy();
  measure_jitter();
  check_tcp();
  printf("1..%d\n", number);
  return argc > 1 && strcmp(argv[1], "status") == 0 ? 5 : 0;
}
