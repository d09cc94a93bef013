/**
 * lwIP's errors as errno: the one table.
 */
#include <errno.h>

#include "socket/sock.h"

int
errno_from_lwip(err_t err)
{
  static const uint8_t table[] = {
    0,           /* ERR_OK */
    ENOBUFS,     /* ERR_MEM */
    ENOBUFS,     /* ERR_BUF */
    ETIMEDOUT,   /* ERR_TIMEOUT */
    ENETUNREACH, /* ERR_RTE */
    EINPROGRESS, /* ERR_INPROGRESS */
    EINVAL,      /* ERR_VAL */
    EAGAIN,      /* ERR_WOULDBLOCK */
    EADDRINUSE,  /* ERR_USE */
    EALREADY,    /* ERR_ALREADY */
    EISCONN,     /* ERR_ISCONN */
    ENOTCONN,    /* ERR_CONN */
    ENETDOWN,    /* ERR_IF */
    ETIMEDOUT,   /* ERR_ABRT: lwIP gave up sending again */
    ECONNRESET,  /* ERR_RST */
    ENOTCONN,    /* ERR_CLSD */
    EINVAL,      /* ERR_ARG */
  };
  int index = -(int)err;

  return index >= 0 && index < (int)sizeof(table) ? table[index] : EIO;
}
