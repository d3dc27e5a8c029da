package io.loomvisor.kernel.socket.diag;

/**
 * Numbers of sock_diag(7) under their Linux names (linux/sock_diag.h, inet_diag.h, unix_diag.h).
 */
final class DiagAbi {
  static final int TCPDIAG_GETSOCK = 18;
  static final int DCCPDIAG_GETSOCK = 19;
  static final int SOCK_DIAG_BY_FAMILY = 20;

  static final int INET_DIAG_REQ_PROTOCOL = 3;

  static final int INET_DIAG_MEMINFO = 1;
  static final int INET_DIAG_INFO = 2;
  static final int INET_DIAG_CONG = 4;
  static final int INET_DIAG_TOS = 5;
  static final int INET_DIAG_TCLASS = 6;
  static final int INET_DIAG_SKMEMINFO = 7;
  static final int INET_DIAG_SHUTDOWN = 8;
  static final int INET_DIAG_PROTOCOL = 10;
  static final int INET_DIAG_SKV6ONLY = 11;

  static final int UDIAG_SHOW_NAME = 1;
  static final int UDIAG_SHOW_VFS = 2;
  static final int UDIAG_SHOW_PEER = 4;
  static final int UDIAG_SHOW_ICONS = 8;
  static final int UDIAG_SHOW_RQLEN = 0x10;
  static final int UDIAG_SHOW_MEMINFO = 0x20;
  static final int UDIAG_SHOW_UID = 0x40;

  static final int UNIX_DIAG_NAME = 0;
  static final int UNIX_DIAG_VFS = 1;
  static final int UNIX_DIAG_PEER = 2;
  static final int UNIX_DIAG_ICONS = 3;
  static final int UNIX_DIAG_RQLEN = 4;
  static final int UNIX_DIAG_MEMINFO = 5;
  static final int UNIX_DIAG_SHUTDOWN = 6;
  static final int UNIX_DIAG_UID = 7;

  static final int TCP_ESTABLISHED = 1;
  static final int TCP_TIME_WAIT = 6;
  static final int TCP_CLOSE = 7;
  static final int TCP_LISTEN = 10;

  private DiagAbi() {}
}
