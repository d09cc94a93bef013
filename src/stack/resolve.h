/**
 * A stub resolver: asks recursive DNS servers over UDP, keeps what they say.
 *
 * It knows nothing of hosts files, literals and families; getaddrinfo() is made of all these. A query lives in a
 * pool from resolve_start() to resolve_end(). Answers are only parsed and marked in lwIP's callback; what follows
 * from them (the next server, the end of the control block) is done in resolve_run().
 *
 * The cache is flushed, and open questions begin anew, when interface_dns_server()'s list has changed.
 *
 * Against forged answers (RFC 5452): the id and the source port of each query are unpredictable, and an answer
 * counts only from a server that was asked, with that id and question.
 */
#ifndef BARESOCK_RESOLVE_H
#define BARESOCK_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>

#include "baresock/wait.h"

#include "resolve_cache.h"
#include "resolve_msg.h"

/** Questions that can be open at once: each of BS_RESOLVE_QUERIES names has one for A and one for AAAA. */
#define RESOLVE_POOL (2 * BS_RESOLVE_QUERIES)

/** A question that is being asked. */
struct resolve_query;

/** What the resolver counts. */
struct resolve_stats {
  uint32_t queries;    /**< messages sent to servers, the same question again included */
  uint32_t answers;    /**< messages that answered a question */
  uint32_t timeouts;   /**< questions that nobody answered */
  uint32_t cache_hits; /**< questions that needed no message */
  uint32_t busy;       /**< questions refused because RESOLVE_POOL are open */
  uint32_t ignored;    /**< messages that were malformed, or answered nothing that was asked */
  uint32_t in_use;     /**< questions open now */
  uint32_t most;       /**< most open at once */
};

/**
 * Ask for a name. Brings up the default link when the program set up nothing. Does not wait.
 *
 * @param name  a domain name
 * @param query where to put the query, which the caller ends with resolve_end()
 * @return 0 (it was asked, or is answered already), EAI_NONAME (not a domain name), EAI_MEMORY (RESOLVE_POOL
 *         questions are open, or lwIP has no control block left), EAI_SYSTEM with errno (the stack can't start)
 */
int resolve_start(const char *name, enum resolve_type type, struct resolve_query **query);

/**
 * How a question stands.
 *
 * @return EAI_INPROGRESS; 0 (see resolve_answer()); EAI_NONAME, EAI_NODATA; EAI_AGAIN (no server, none answered in
 *         BS_RESOLVE_TIMEOUT_MS, or one said "try again"), EAI_FAIL (all servers refused or failed)
 */
int resolve_result(const struct resolve_query *query);

/** What was answered; valid once resolve_result() gave 0, until resolve_end(). */
const struct resolve_answer *resolve_answer(const struct resolve_query *query);

/** End a question at any moment: nothing of it is left behind. NULL is allowed. */
void resolve_end(struct resolve_query *query);

/** Send again what is due, try the next server, give up what is too late; part of the pump. @return how many */
unsigned resolve_run(void);

/** When resolve_run() next has something to do; BS_TIME_NEVER when no question is open. */
bs_time_t resolve_next_due(void);

/** To be called before the stack ends: open questions fail with EAI_AGAIN, the cache is flushed. */
void resolve_shutdown(void);

/** Whether an interface that could reach servers of this type (IPADDR_TYPE_V4, _V6) still asks for its address. */
bool resolve_is_configuring(u8_t type);

/** The counters. */
void resolve_get_stats(struct resolve_stats *copy);

#endif /* BARESOCK_RESOLVE_H */
