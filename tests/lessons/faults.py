"""A fault for each lesson: what is put in place of what in which file, and a test of that lesson that must then fail.

A lesson without a line here is another issue's: DOS, TLS and SSH are not built yet.
"""

import collections

Fault = collections.namedtuple("Fault", "lesson file right wrong test")

# What `tests/lessons/run` can't find yet, by number.
ELSEWHERE = {27, 28, 29}

FAULTS = [
    Fault(
        1,
        "src/socket/datagram.c",
        "if (s->rx.dgram.charge + charge_of(p) > s->options.rcvbuf && s->rx.dgram.first != NULL) {",
        "if (s->rx.dgram.first != NULL) {",
        "tests/unit/test_datagram.c test_lesson_01_burst_is_queued_whole",
    ),
    Fault(
        2,
        "src/socket/stream.c",
        "return tcp_sndbuf(pcb) > TCP_SNDLOWAT && tcp_sndqueuelen(pcb) < TCP_SNDQUEUELOWAT;",
        "return tcp_sndbuf(pcb) > TCP_SNDLOWAT;",
        "tests/unit/test_stream.c test_lesson_02_one_byte_writes_fill_the_segments_send_gives_eagain_and_poll_agrees",
    ),
    Fault(
        3,
        "src/stack/resolve.c",
        "if (now >= q->deadline) {",
        "if (now >= BS_TIME_NEVER) {",
        "tests/unit/test_resolve.c test_lesson_03_silent_server_wait_has_a_deadline",
    ),
    Fault(
        4,
        "src/socket/gai_hints.c",
        "return BS_IPV6 && wish->family != AF_INET;",
        "return BS_IPV6 && wish != NULL;",
        "tests/unit/test_getaddrinfo.c test_lesson_04_family_is_honoured_and_every_result_returned",
    ),
    Fault(
        5,
        "src/socket/options.c",
        "#define OPT_TCP_NODELAY   1",
        "#define OPT_TCP_NODELAY   0x40",
        "tests/unit/test_options.c test_lesson_05_nodelay_is_1_as_in_posix",
    ),
    Fault(
        6,
        "src/socket/stream.c",
        "if (!all_read || (",
        "if (all_read || (",
        "tests/unit/test_stream.c test_lesson_06_closed_after_the_reply_peer_reads_it",
    ),
    Fault(
        7,
        "src/socket/multicast.c",
        "return join ? mld6_joingroup_netif(netif, ip_2_ip6(group))",
        "return join ? ERR_OK",
        "tests/py/test_multicast.py test_lesson_07_member_receives_what_is_sent_to_the_group_over_ipv6",
    ),
    Fault(
        8,
        "src/socket/listen.c",
        "if ((*accepted)->pcb.tcp != NULL) {",
        "if (true) {",
        "tests/unit/test_listen.c test_lesson_08_reset_in_the_queue_is_accepted_and_tells",
    ),
    Fault(
        9,
        "src/socket/stream.c",
        "return s->state == SOCK_LISTENING ? 0 : s->rx.stream.bytes;",
        "return s->rx.stream.bytes;",
        "tests/unit/test_stream.c test_lesson_09_listening_data_calls_give_errors",
    ),
    Fault(
        10,
        "src/socket/stream_lwip.c",
        "  s->error = reason(s, err);\n  s->state = SOCK_CLOSED;",
        "  s->error = reason(s, err);",
        "tests/unit/test_stream.c test_lesson_10_reset_poll_is_safe",
    ),
    Fault(
        11,
        "src/socket/ready.c",
        "[SOCK_NEW] = { WRITE | POLLHUP,",
        "[SOCK_NEW] = { WRITE,",
        "tests/unit/test_poll.c test_lesson_11_stream_every_cell",
    ),
    Fault(
        12,
        "python/socket_stream.c",
        "        self->held_len += len;",
        "",
        "tests/py/test_stream_methods.py test_lesson_12_a_read_that_times_out_loses_nothing",
    ),
    Fault(
        13,
        "src/socket/rxq.c",
        "for (p = q->first; p != NULL && room->left > 0; p = p->next) {",
        "for (p = q->first; p != NULL && room->left > 0; p = NULL) {",
        "tests/unit/test_stream.c test_lesson_13_several_segments_queued_recv_returns_all",
    ),
    Fault(
        14,
        "src/socket/options.c",
        "return -sock_take_error(s);",
        "return 0 * sock_take_error(s);",
        "tests/unit/test_stream.c test_lesson_14_nobody_listens_nonblocking_connect_tells_by_so_error",
    ),
    Fault(
        15,
        "src/socket/stream_lwip.c",
        "return ECONNREFUSED;",
        "return ECONNRESET;",
        "tests/unit/test_stream.c test_lesson_15_nobody_listens_connect_gives_econnrefused",
    ),
    Fault(
        16,
        "python/socket_class.c",
        "return self->fd >= 0 && bs_generation(self->fd) == self->generation ? self->fd : -1;",
        "return self->fd;",
        "tests/py/test_stream.py test_lesson_16_stale_object_leaves_the_descriptors_next_owner_alone",
    ),
    Fault(
        17,
        "src/socket/table.c",
        "  free_slots = s;\n",
        "",
        "tests/unit/test_stress.c test_lesson_17_short_connections_in_a_row_all_are_served",
    ),
    Fault(
        18,
        "src/socket/stream.c",
        "  if (pcb == NULL) {\n    return -ENOBUFS;",
        "  if (pcb == NULL || lwip_stats.memp[MEMP_TCP_PCB]->used >= BS_TCP_PCBS) {\n    return -ENOBUFS;",
        "tests/unit/test_stress.c test_lesson_18_many_in_time_wait_a_connection_costs_no_segment_more",
    ),
    Fault(
        19,
        "src/socket/listen.c",
        "  stream_attach(s, pcb);\n",
        "  stream_attach(s, pcb);\n  tcp_setprio(pcb, TCP_PRIO_MIN);\n",
        "tests/wire/test_open.py test_lesson_19_new_connections_do_not_end_established_ones",
    ),
    Fault(
        20,
        "src/socket/stream.c",
        "((s->options.flags & SOCK_O_LINGER) && s->linger_s == 0)",
        "((s->options.flags & SOCK_O_LINGER) && s->linger_s != 0)",
        "tests/unit/test_stream.c test_lesson_20_linger_0_close_resets",
    ),
    Fault(
        21,
        "src/socket/options.c",
        "s->options.rcvbuf = is_stream(s) ? TCP_WND : BS_DGRAM_RCVBUF;",
        "s->options.rcvbuf = is_stream(s) ? 8192 : BS_DGRAM_RCVBUF;",
        "tests/unit/test_stream.c test_lesson_21_tls_record_fits_through_the_window",
    ),
    Fault(
        22,
        "src/socket/rxq.c",
        "} else if (room > 0 && pool_is_short()) {",
        "} else if (false && pool_is_short()) {",
        "tests/unit/test_rxq.c test_lesson_22_pool_short_data_moves_out_of_it",
    ),
    Fault(
        24,
        "src/socket/stream_lwip.c",
        "  s->error = reason(s, err);\n",
        "  s->error = reason(s, err);\n  rxq_clear(&s->rx.stream);\n",
        "tests/unit/test_stream.c test_lesson_24_data_then_reset_is_read_then_told_once",
    ),
    Fault(
        25,
        "src/socket/ready.c",
        "[SOCK_CLOSED] = { READ | WRITE | POLLRDHUP | POLLHUP, 0, 0, 0, 0, 0, POLLERR },",
        "[SOCK_CLOSED] = { 0, 0, 0, 0, 0, 0, 0 },",
        "tests/py/test_timeouts.py test_lesson_25_select_sees_a_failed_connect",
    ),
    Fault(
        26,
        "src/stack/interface.c",
        "if (iface->netif.input(p, &iface->netif) != ERR_OK) {",
        "if (n > 0 || iface->netif.input(p, &iface->netif) != ERR_OK) {",
        "tests/unit/test_interface.c test_lesson_26_many_frames_wait_all_are_received",
    ),
    Fault(
        30,
        "python/modsocket.c",
        "    CONSTANT(SHUT_RD),\n",
        "",
        "tests/py/test_surface.py test_lesson_30_socket_options_and_flags",
    ),
    Fault(
        31,
        "src/socket/listen.c",
        "while ((waiting = dequeue(s)) != NULL) {",
        "if ((waiting = dequeue(s)) != NULL) {",
        "tests/unit/test_listen.c test_lesson_31_closed_with_connections_waiting_resets_and_frees_them",
    ),
    Fault(
        32,
        "src/socket/sock.h",
        "return slot < BS_MAX_SOCKETS && s->ops != NULL &&",
        "return slot < BS_MAX_SOCKETS &&",
        "tests/unit/test_table.c test_lesson_32_closed_every_call_gives_ebadf",
    ),
    # The last, as all is compiled anew for it.
    Fault(
        23,
        "src/stack/lwip/lwipopts.h",
        "#define ARP_QUEUE_LEN                BS_PICK(3, 8, 64)",
        "#define ARP_QUEUE_LEN                1",
        "tests/wire/test_udp.py test_lesson_23_several_and_fragments_wait_for_the_neighbour",
    ),
]
