package io.loomvisor.vfs.mqueue;

/**
 * A description that mq_notify(2) can send a SIGEV_THREAD cookie to: a netlink socket, from which a
 * thread of the C library reads it (netlink_sendskb() in ipc/mqueue.c).
 */
public interface CookieReceiver {
  /** Queues one datagram for the socket's reader; no actor is held. */
  void deliver(byte[] datagram);
}
