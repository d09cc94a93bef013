/**
 * lwIP's own unit tests, run one by one.
 */
#ifndef TESTS_LWIP_SUITES_H
#define TESTS_LWIP_SUITES_H

/** A test that must fail, and why; one that then passes is a failure. Ends with a NULL. */
struct lwip_failure {
  const char *test;
  const char *why;
};

/**
 * Run the suites of what baresock uses of lwIP, each test in a process of its own, and print TAP.
 *
 * @param must_fail those that these options make fail; what our patches change is known
 * @return the exit status: 0 if each test passed, or failed as it must
 */
int lwip_suites_run(const struct lwip_failure *must_fail);

#endif /* TESTS_LWIP_SUITES_H */
