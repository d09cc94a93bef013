// The errnos that module errno names: all that files and sockets give. Included by each port's mpconfigport.h.
#ifndef BARESOCK_PYTHON_PYERRNO_H
#define BARESOCK_PYTHON_PYERRNO_H

// MicroPython's own names for these end before the network's errnos.
#define MP_ENAMETOOLONG    ENAMETOOLONG
#define MP_ENOSYS          ENOSYS
#define MP_ENOTEMPTY       ENOTEMPTY
#define MP_ELOOP           ELOOP
#define MP_EPROTO          EPROTO
#define MP_EBADMSG         EBADMSG
#define MP_EOVERFLOW       EOVERFLOW
#define MP_ENOTSOCK        ENOTSOCK
#define MP_EDESTADDRREQ    EDESTADDRREQ
#define MP_EMSGSIZE        EMSGSIZE
#define MP_EPROTOTYPE      EPROTOTYPE
#define MP_ENOPROTOOPT     ENOPROTOOPT
#define MP_EPROTONOSUPPORT EPROTONOSUPPORT
#define MP_ESOCKTNOSUPPORT ESOCKTNOSUPPORT
#define MP_EPFNOSUPPORT    EPFNOSUPPORT
#define MP_EADDRNOTAVAIL   EADDRNOTAVAIL
#define MP_ENETDOWN        ENETDOWN
#define MP_ENETUNREACH     ENETUNREACH
#define MP_ENETRESET       ENETRESET
#define MP_ESHUTDOWN       ESHUTDOWN
#define MP_EHOSTDOWN       EHOSTDOWN

// EWOULDBLOCK comes after EAGAIN, of the same number, so that errno.errorcode tells the latter.
#define MICROPY_PY_ERRNO_LIST \
    X(EPERM) \
    X(ENOENT) \
    X(ESRCH) \
    X(EINTR) \
    X(EIO) \
    X(ENXIO) \
    X(E2BIG) \
    X(ENOEXEC) \
    X(EBADF) \
    X(ECHILD) \
    X(EAGAIN) \
    X(ENOMEM) \
    X(EACCES) \
    X(EFAULT) \
    X(EBUSY) \
    X(EEXIST) \
    X(EXDEV) \
    X(ENODEV) \
    X(ENOTDIR) \
    X(EISDIR) \
    X(EINVAL) \
    X(ENFILE) \
    X(EMFILE) \
    X(ENOTTY) \
    X(EFBIG) \
    X(ENOSPC) \
    X(ESPIPE) \
    X(EROFS) \
    X(EMLINK) \
    X(EPIPE) \
    X(EDOM) \
    X(ERANGE) \
    X(ENAMETOOLONG) \
    X(ENOSYS) \
    X(ENOTEMPTY) \
    X(ELOOP) \
    X(EPROTO) \
    X(EBADMSG) \
    X(EOVERFLOW) \
    X(ENOTSOCK) \
    X(EDESTADDRREQ) \
    X(EMSGSIZE) \
    X(EPROTOTYPE) \
    X(ENOPROTOOPT) \
    X(EPROTONOSUPPORT) \
    X(ESOCKTNOSUPPORT) \
    X(EPFNOSUPPORT) \
    X(EADDRNOTAVAIL) \
    X(ENETDOWN) \
    X(ENETUNREACH) \
    X(ENETRESET) \
    X(ESHUTDOWN) \
    X(EHOSTDOWN) \
    X(EOPNOTSUPP) \
    X(EAFNOSUPPORT) \
    X(EADDRINUSE) \
    X(ECONNABORTED) \
    X(ECONNRESET) \
    X(ENOBUFS) \
    X(EISCONN) \
    X(ENOTCONN) \
    X(ETIMEDOUT) \
    X(ECONNREFUSED) \
    X(EHOSTUNREACH) \
    X(EALREADY) \
    X(EINPROGRESS) \
    X(ECANCELED) \
    X(EWOULDBLOCK)

#endif // BARESOCK_PYTHON_PYERRNO_H
