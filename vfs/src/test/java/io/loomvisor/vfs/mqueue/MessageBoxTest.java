package io.loomvisor.vfs.mqueue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.vfs.Credentials;
import org.junit.jupiter.api.Test;

class MessageBoxTest {
  private final MessageBox box = new MessageBox(new MqueueLimits.Capacity(2, 100));

  private static QueueWaiter.Sender sender(int priority) {
    return new QueueWaiter.Sender(new QueuedMessage(priority, new byte[] {(byte) priority}));
  }

  private static Errno errno(Runnable action) {
    return assertThrows(LinuxException.class, action::run).errno();
  }

  private int take() {
    QueueWaiter.Receiver r = new QueueWaiter.Receiver();
    box.receive(r, true);
    return r.message().priority();
  }

  @Test
  void higherPriorityComesFirst() {
    box.send(sender(1), true);
    box.send(sender(9), true);
    QueueWaiter.Sender waits = sender(5);
    box.send(waits, false);
    assertFalse(waits.done());
    assertEquals(Errno.EAGAIN, errno(() -> box.send(sender(7), true)));
    assertEquals(9, take());
    assertTrue(waits.done(), "its message took the free place");
    assertEquals(5, take());
    assertEquals(1, take());
    assertEquals(Errno.EAGAIN, errno(this::take));
  }

  @Test
  void aReceiverThatWaitsGoesBeforeTheNotification() {
    Object process = new Object();
    Notification n = new Notification(process, 4, 0, 10, (pid, uid) -> {});
    box.register(n);
    assertEquals(Errno.EBUSY, errno(() -> box.register(n)));
    QueueWaiter.Receiver r = new QueueWaiter.Receiver();
    box.receive(r, false);
    assertNull(box.send(sender(3), true));
    assertTrue(r.done());
    assertSame(n, box.send(sender(3), true));
    assertNull(box.send(sender(3), true), "once only");
    box.register(n);
    box.unregister(new Object());
    assertSame(n, box.notification());
    box.unregister(process);
    assertNull(box.notification());
  }

  @Test
  void queuesCountAgainstTheirMaker() {
    MqueueFilesystem fs = new MqueueFilesystem();
    Credentials user = Credentials.of(1000, 1000);
    MqueueLimits.Capacity ten = new MqueueLimits.Capacity(10, 100);
    int mode = FileMode.S_IFREG | 0600;
    long limit = ten.cost() * 2;
    MqueueInode a = fs.createQueue("a", mode, ten, user, limit);
    fs.createQueue("b", mode, ten, user, limit);
    assertEquals(Errno.EEXIST, errno(() -> fs.createQueue("a", mode, ten, user, limit)));
    assertEquals(Errno.EMFILE, errno(() -> fs.createQueue("c", mode, ten, user, limit)));
    MqueueLimits.Capacity large = new MqueueLimits.Capacity(11, 100);
    assertEquals(Errno.EINVAL, errno(() -> fs.createQueue("c", mode, large, user, limit)));
    a.opened();
    fs.unlink("a");
    assertEquals(Errno.EMFILE, errno(() -> fs.createQueue("c", mode, ten, user, limit)));
    a.released();
    fs.createQueue("c", mode, ten, user, limit);
    assertEquals(2, fs.queueCount());
  }
}
