/**
 * What the process must be kept from while libslirp works in it: its messages on the terminal, and death by SIGPIPE.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stddef.h>

#include "link/slirp.h"

/* GLib's levels from "critical" to "debug" (gmessages.h). Errors are left alone: they end the process, and it should be
 * said why. */
#define GLIB_LOG_LEVELS (1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7)

typedef void glib_log_func(const char *domain, int level, const char *message, void *data);
typedef unsigned glib_set_handler_func(const char *domain, int levels, glib_log_func *func, void *data);

static unsigned entered;
static bool caught_sigpipe;

static void
drop_message(const char *domain, int level, const char *message, void *data)
{
  (void)domain;
  (void)level;
  (void)message;
  (void)data;
}

/* libslirp brings GLib along. It is looked up where libslirp has it, so that GLib's headers are not needed here; where
 * it is not found, libslirp was built without. */
static void
quiet_log(void)
{
  glib_set_handler_func *set_handler;

  *(void **)&set_handler = dlsym(RTLD_DEFAULT, "g_log_set_handler");
  if (set_handler != NULL) {
    set_handler("Slirp", GLIB_LOG_LEVELS, drop_message, NULL);
  }
}

static void
on_sigpipe(int signal_number)
{
  (void)signal_number;
}

/* libslirp writes to host connections that may be gone, and means to see EPIPE. A handler, unlike SIG_IGN, is not
 * passed on to the programs that ours starts. Who handles or ignores the signal already is left alone. */
static void
catch_sigpipe(void)
{
  struct sigaction action = { .sa_handler = on_sigpipe, .sa_flags = SA_RESTART };
  struct sigaction old;

  caught_sigpipe = false;
  if (sigaction(SIGPIPE, NULL, &old) == 0 && (old.sa_flags & SA_SIGINFO) == 0 && old.sa_handler == SIG_DFL) {
    caught_sigpipe = sigaction(SIGPIPE, &action, NULL) == 0;
  }
}

static void
release_sigpipe(void)
{
  struct sigaction action = { .sa_handler = SIG_DFL };
  struct sigaction now;

  if (caught_sigpipe && sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == on_sigpipe) {
    sigaction(SIGPIPE, &action, NULL);
  }
}

void
slirp_guard_enter(void)
{
  static bool quiet;

  if (!quiet) {
    quiet = true;
    quiet_log();
  }
  if (entered++ == 0) {
    catch_sigpipe();
  }
}

void
slirp_guard_leave(void)
{
  if (--entered == 0) {
    release_sigpipe();
  }
}
