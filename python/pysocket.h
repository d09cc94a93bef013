// The parts of module socket, for each other and for select: the class, its files, addresses.
#ifndef BARESOCK_PYTHON_PYSOCKET_H
#define BARESOCK_PYTHON_PYSOCKET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "py/obj.h"

#include "baresock/wait.h"

// A socket as Python sees it. The C socket below never waits: waiting, and what is left of a timeout, is ours.
typedef struct _mp_obj_socket_t {
    mp_obj_base_t base;
    int fd;                 // -1 after close() and detach()
    uint32_t generation;    // which owner of the descriptor we are
    int family;
    int type;
    int proto;
    bs_time_t timeout;      // per operation: 0 not to wait, BS_TIME_NEVER for ever
    unsigned files;         // open objects of makefile()
    bool closed;            // by the program; files may still use the descriptor
    bool has_timeo;         // SO_RCVTIMEO or SO_SNDTIMEO was set
    byte *held;             // read from the stream by a call that then failed; comes first next time
    size_t held_len;
} mp_obj_socket_t;

extern const mp_obj_type_t mp_type_socket;
extern const mp_obj_type_t mp_type_socket_file;
extern const mp_obj_type_t mp_type_gaierror;
extern const mp_obj_type_t mp_type_timeout;

// Timeout of new sockets, and of look-ups.
extern bs_time_t socket_default_timeout;

// --- the class (socket_class.c) ---

// A new object without a descriptor, and a descriptor for it, which it owns from now on. In two steps, so that no memory
// is needed any more, which may be missing, when there is a descriptor.
mp_obj_socket_t *socket_alloc(const mp_obj_type_t *type);
void socket_attach(mp_obj_socket_t *self, int fd, int family, int sock_type, int proto);

// A new object for a new C socket.
mp_obj_t socket_new(const mp_obj_type_t *type, int family, int sock_type, int proto);

// The socket behind an object, which may be of a class derived from ours; NULL for other objects. AttributeError when
// __init__() of the derived class did not come to ours yet.
mp_obj_socket_t *socket_get_maybe(mp_obj_t obj);

// Descriptor of an open socket, or -1. Never touches the descriptor's next owner.
int socket_fd(const mp_obj_socket_t *self);

// The descriptor, else OSError(EBADF).
int socket_fd_raise(const mp_obj_socket_t *self);

// Read an address that this socket is to use. A new socket of AF_INET becomes one of AF_INET6 for an IPv6 address from
// getaddrinfo(): socket.socket() and getaddrinfo()[0][-1] go together whatever the name's addresses are.
socklen_t socket_use_address(mp_obj_socket_t *self, mp_obj_t addr_in, struct sockaddr_storage *addr, bs_time_t deadline);

// Close: the descriptor lives on while files of makefile() are open.
void socket_close(mp_obj_socket_t *self);

// Give the descriptor back, if it is still ours.
void socket_release(mp_obj_socket_t *self);

// Connect to an address. Returns 0 or a negative errno, as the functions of socket_io.c.
int socket_connect(mp_obj_socket_t *self, const struct sockaddr *addr, socklen_t len, bs_time_t deadline);

// --- moving data (socket_io.c) ---
//
// These return a length or 0, or a negative errno. A deadline of 0 means not to wait: -EAGAIN. Signals are handled
// while they wait, which may raise; a handler that closes the socket makes them return -EBADF.

// Beside the errnos: the program's own timeout expired, as opposed to ETIMEDOUT of a connection that TCP gave up.
#define SOCKET_TIMED_OUT (0x10000)

// Raise the exception of an errno or SOCKET_TIMED_OUT (which socket_errno() turns into ETIMEDOUT).
NORETURN void socket_raise(int error);
int socket_errno(int error);

// When an operation that starts now has to end.
bs_time_t socket_deadline(const mp_obj_socket_t *self, int flags);

// After EAGAIN: wait for events. 0 when it is worth trying again.
int socket_wait(mp_obj_socket_t *self, short events, bs_time_t deadline);

// Receive what is queued, up to len bytes.
ssize_t socket_receive(mp_obj_socket_t *self, void *buf, size_t len, int flags, struct sockaddr_storage *from,
    socklen_t *from_len, bs_time_t deadline);

// How much a receive of len bytes can give now, so that no more is allocated: waits until there is something, and is
// at least 1. A connection tells its error once, so it is returned from here when it is found.
ssize_t socket_receive_size(mp_obj_socket_t *self, size_t len, int flags, bs_time_t deadline);

// Send what is taken now, at least something.
ssize_t socket_transmit(mp_obj_socket_t *self, const void *buf, size_t len, int flags, const struct sockaddr *to,
    socklen_t to_len, bs_time_t deadline);

// A bytes object around a buffer of at least len + 1 bytes from m_new(). Its hash is computed when asked for.
mp_obj_t socket_bytes_from_buffer(byte *buf, size_t alloc, size_t len);

MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(socket_recv_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(socket_recv_into_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(socket_recvfrom_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(socket_recvfrom_into_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(socket_recvmsg_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(socket_send_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(socket_sendall_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(socket_sendto_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(socket_sendmsg_obj);

// --- as a stream (socket_stream.c) ---

extern const struct _mp_stream_p_t socket_stream_p;
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(socket_read_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(socket_readinto_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(socket_readline_obj);

// Read until buf is full or the stream ends. What was read before an error or an exception is held for the next call; or,
// where a part counts (MSG_WAITALL), returned before an error or a time-out, and the next call tells of it.
ssize_t socket_read_full(mp_obj_socket_t *self, byte *buf, size_t len, bool part_counts, bs_time_t deadline);

// Receive up to the end of a line, and nothing behind it, because others may read from the descriptor.
ssize_t socket_receive_line(mp_obj_socket_t *self, byte *buf, size_t len, bs_time_t deadline);

// --- files of makefile() (socket_file.c) ---

mp_obj_t socket_file_new(mp_obj_socket_t *socket, const char *mode, mp_int_t buffering);

// Whether an object has data that poll() on its descriptor can't see: held by a socket, or buffered by a file.
bool socket_has_data(mp_obj_t obj);

// --- addresses (socket_address.c) ---

// Whether an address tuple is an IPv6 one as getaddrinfo() gives it.
bool socket_address_is_ip6(mp_obj_t addr_in);

// A str or bytes for C, which would not see what comes after a null byte: ValueError.
const char *socket_get_text(mp_obj_t text_in);

// Read an address tuple for a socket of a family. A name is looked up until the deadline.
socklen_t socket_get_address(mp_obj_t addr_in, int family, struct sockaddr_storage *addr, bs_time_t deadline);

// An address as a tuple, or None when there is none.
mp_obj_t socket_new_address(const struct sockaddr_storage *addr, socklen_t len);

// Port number from an int, else OverflowError.
uint16_t socket_get_port(mp_obj_t port_in);

// --- names (socket_lookup.c) ---

// Look up, waiting until the deadline; raises gaierror. The list is the caller's to free.
struct addrinfo;
struct addrinfo *socket_lookup(const char *host, const char *service, const struct addrinfo *hints, bs_time_t deadline);

NORETURN void socket_raise_gai(int code);

// The first two arguments of getaddrinfo(): a name or None; a name, a number (which is put into buf) or None.
const char *socket_get_host(mp_obj_t host_in);
const char *socket_get_service(mp_obj_t port_in, char *buf, size_t size);

// A look-up takes no longer than the default timeout; one of 0 would leave no way to look up at all.
bs_time_t socket_lookup_deadline(void);

MP_DECLARE_CONST_FUN_OBJ_KW(socket_getaddrinfo_obj);
MP_DECLARE_CONST_FUN_OBJ_KW(socket_start_getaddrinfo_obj);

#endif // BARESOCK_PYTHON_PYSOCKET_H
