// What modlwip keeps for a connection: sizes as symbols, for bench/size.py. Never run. The structure of its socket is
// private to it.

#include "extmod/modlwip.c"

char size_of_lwip_socket_obj_t[sizeof(lwip_socket_obj_t)];
char size_of_tcp_pcb[sizeof(struct tcp_pcb)];
