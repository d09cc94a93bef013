/**
 * Answers of DNS servers, kept for as long as they say.
 */
#ifndef BARESOCK_RESOLVE_CACHE_H
#define BARESOCK_RESOLVE_CACHE_H

#include "baresock/wait.h"

#include "resolve_msg.h"

/** The answer that is kept for a question, valid until the cache is called again; NULL when there is none. */
const struct resolve_answer *resolve_cache_get(const char *name, enum resolve_type type, bs_time_t now);

/**
 * Keep an answer, a "there is none" (EAI_NONAME, EAI_NODATA) too, for its time to live. Other codes, and answers
 * without time to live, are not kept. With BS_RESOLVE_CACHE answers the oldest one makes room.
 */
void resolve_cache_put(const char *name, enum resolve_type type, const struct resolve_answer *answer, bs_time_t now);

/** Forget everything: other servers may say other things. */
void resolve_cache_flush(void);

#endif /* BARESOCK_RESOLVE_CACHE_H */
