/**
 * What can be asked of a socket beside its options, with Linux's values. The function is bs_ioctl().
 */
#ifndef BARESOCK_I386_SYS_IOCTL_H
#define BARESOCK_I386_SYS_IOCTL_H

#define TIOCOUTQ 0x5411
#define FIONREAD 0x541B
#define FIONBIO  0x5421

#endif /* BARESOCK_I386_SYS_IOCTL_H */
