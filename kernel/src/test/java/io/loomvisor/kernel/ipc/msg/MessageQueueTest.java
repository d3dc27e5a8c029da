package io.loomvisor.kernel.ipc.msg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.ipc.IpcFlags;
import io.loomvisor.kernel.ipc.IpcLimits;
import io.loomvisor.vfs.Credentials;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MessageQueueTest {
  private final Credentials root = Credentials.root();
  private final MessageQueues queues = new MessageQueues(new IpcLimits());
  private final MessageQueue queue = queues.get(IpcFlags.IPC_PRIVATE, 0600, root);

  private Waiter.Sender send(long type, int length) {
    Waiter.Sender s = new Waiter.Sender(new Message(type, new byte[length]), 5);
    queue.send(s, root, false);
    return s;
  }

  private Waiter.Receiver receive(Selector selector, long room) {
    Waiter.Receiver r = new Waiter.Receiver(selector, room, false, 6);
    queue.receive(r, root, false);
    return r;
  }

  private static void failed(Errno errno, Waiter w) {
    assertTrue(w.done());
    assertEquals(errno, assertThrows(LinuxException.class, w::check).errno());
  }

  @Test
  void selectorsChoose() {
    List<Message> messages =
        Stream.of(3L, 2L, 9L, 2L).map(t -> new Message(t, new byte[0])).toList();
    assertEquals(0, Selector.of(0, 0).choose(messages));
    assertEquals(2, Selector.of(9, 0).choose(messages));
    assertEquals(1, Selector.of(3, Selector.MSG_EXCEPT).choose(messages));
    assertEquals(1, Selector.of(-5, 0).choose(messages), "the oldest of the lowest type");
    assertEquals(-1, Selector.of(-1, 0).choose(messages));
    assertEquals(1, Selector.of(Long.MIN_VALUE, 0).choose(messages));
    assertEquals(-1, new Selector.Position(4).choose(messages));
    assertEquals(-1, new Selector.Position(-1).choose(messages));
    assertEquals(3, new Selector.Position(3).choose(messages));
  }

  @Test
  void aSenderHandsOverAndPassesThoseWithoutRoom() {
    Waiter.Receiver otherType = receive(Selector.of(8, 0), 100);
    Waiter.Receiver small = receive(Selector.of(7, 0), 2);
    Waiter.Receiver fits = receive(Selector.of(7, 0), 100);
    assertTrue(send(7, 3).done());
    failed(Errno.E2BIG, small);
    assertEquals(3, fits.message().text().length);
    assertFalse(otherType.done());
    assertEquals(0, queue.status().messages());
    assertEquals(6, queue.status().lastReceiver());
  }

  @Test
  void sendersWaitForRoomAndThoseThatFitGoFirst() {
    queue.change(root, 0, 0, 0600, 10, 16384);
    assertTrue(send(1, 8).done());
    Waiter.Sender large = send(1, 9);
    Waiter.Sender small = send(1, 3);
    assertFalse(large.done());
    assertFalse(small.done());
    queue.giveUp(large, Errno.EINTR);
    failed(Errno.EINTR, large);
    receive(Selector.of(0, 0), 100);
    assertTrue(small.done());
    assertEquals(3, queue.status().bytes());
  }

  @Test
  void emptyMessagesAreBounded() {
    queue.change(root, 0, 0, 0600, 3, 16384);
    for (int i = 0; i < 3; i++) {
      assertTrue(send(1, 0).done());
    }
    assertFalse(send(1, 0).done());
  }

  @Test
  void removalEndsEveryWait() {
    Waiter.Receiver r = receive(Selector.of(0, 0), 1);
    queues.remove(queue);
    failed(Errno.EIDRM, r);
    assertEquals(Errno.EIDRM, assertThrows(LinuxException.class, () -> send(1, 1)).errno());
  }
}
