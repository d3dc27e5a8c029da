package io.loomvisor.kernel.ipc.mqueue;

import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.mqueue.CookieReceiver;
import io.loomvisor.vfs.mqueue.Notification;

/**
 * SIGEV_THREAD: the C library's thread reads the cookie from its socket, and in the cookie's last
 * byte why. Holds a reference to the socket until one of the two has come.
 */
public final class CookieDelivery implements Notification.Delivery {
  /** NOTIFY_COOKIE_LEN of linux/mqueue.h. */
  public static final int COOKIE_SIZE = 32;

  private static final byte NOTIFY_WOKENUP = 1;
  private static final byte NOTIFY_REMOVED = 2;

  private final FileDescription socket;
  private final byte[] cookie;

  /**
   * @param socket a {@link CookieReceiver}; takes over one reference
   */
  public CookieDelivery(FileDescription socket, byte[] cookie) {
    this.socket = socket;
    this.cookie = cookie.clone();
  }

  @Override
  public void messageArrived(int senderPid, int senderUid) {
    deliver(NOTIFY_WOKENUP);
  }

  @Override
  public void withdrawn() {
    deliver(NOTIFY_REMOVED);
  }

  private void deliver(byte why) {
    cookie[COOKIE_SIZE - 1] = why;
    ((CookieReceiver) socket).deliver(cookie);
    socket.release();
  }
}
