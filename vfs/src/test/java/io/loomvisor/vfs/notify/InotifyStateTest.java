package io.loomvisor.vfs.notify;

import static io.loomvisor.vfs.testing.Tree.fails;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.io.HeapBuffer;
import io.loomvisor.vfs.proc.Sysctl;
import io.loomvisor.vfs.proc.SysctlTable;
import io.loomvisor.vfs.testing.Tree;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class InotifyStateTest {
  private final Tree t = Tree.onTmpfs();
  private final InotifyLimits limits = new InotifyLimits(0);
  private final InotifyDescription in = new InotifyDescription(limits, 0, OpenFlags.O_NONBLOCK);

  private int watch(String path, int mask) {
    return in.addWatch(t.walk(path).inode(), mask);
  }

  private static void set(InotifyLimits limits, String name, String value) {
    SysctlTable table = new SysctlTable();
    limits.addTo(table);
    Sysctl s = table.get("fs/inotify/" + name);
    s.set(null, value);
  }

  /** Each as "wd mask name". */
  private List<String> events() {
    byte[] bytes = new byte[65536];
    int n = (int) in.read(HeapBuffer.wrap(bytes, 0, bytes.length));
    ByteBuffer b = ByteBuffer.wrap(bytes, 0, n).order(ByteOrder.LITTLE_ENDIAN);
    List<String> all = new ArrayList<>();
    while (b.hasRemaining()) {
      String head = b.getInt() + " " + Integer.toHexString(b.getInt());
      b.getInt();
      byte[] name = new byte[b.getInt()];
      b.get(name);
      all.add(head + " " + new String(name, StandardCharsets.ISO_8859_1).replace("\0", ""));
    }
    return all;
  }

  @Test
  void nobodyWatchesAtFirst() {
    t.write("/f", "x");
    assertNull(t.walk("/f").inode().filesystem().watches());
    fails(Errno.EAGAIN, this::events);
  }

  @Test
  void directoryAndFileHear() {
    t.write("/f", "x");
    int root = watch("/", NotifyEvents.IN_ALL_EVENTS);
    int file = watch("/f", NotifyEvents.IN_OPEN);
    t.read("/f");
    assertEquals(
        List.of(root + " 20 f", file + " 20 ", root + " 10 f"),
        events(),
        "reads are the syscalls' to tell");
    t.tree.unlink(t.context(), "/f");
    assertEquals(List.of(file + " 8000 ", root + " 200 f"), events());
    assertTrue(t.walk("/").inode().filesystem().watches().watched(t.walk("/").inode()));
    in.release();
    assertEquals(false, t.walk("/").inode().filesystem().watches().watched(t.walk("/").inode()));
  }

  @Test
  void theQueueOverflowsOnce() {
    set(limits, "max_queued_events", "3");
    watch("/", NotifyEvents.IN_CREATE);
    for (int i = 0; i < 10; i++) {
      t.mkdir("/d" + i);
    }
    assertEquals(List.of("1 40000100 d0", "1 40000100 d1", "1 40000100 d2", "-1 4000 "), events());
    t.mkdir("/e");
    assertEquals(List.of("1 40000100 e"), events());
  }

  @Test
  void limitsArePerUser() {
    set(limits, "max_user_watches", "2");
    set(limits, "max_user_instances", "2");
    t.mkdir("/a");
    t.mkdir("/b");
    watch("/", NotifyEvents.IN_OPEN);
    int a = watch("/a", NotifyEvents.IN_OPEN);
    fails(Errno.ENOSPC, () -> watch("/b", NotifyEvents.IN_OPEN));
    InotifyDescription second = new InotifyDescription(limits, 0, 0);
    fails(Errno.EMFILE, () -> new InotifyDescription(limits, 0, 0));
    InotifyDescription others = new InotifyDescription(limits, 7, 0);
    Inode b = t.walk("/b").inode();
    assertEquals(1, others.addWatch(b, NotifyEvents.IN_OPEN));
    second.release();
    new InotifyDescription(limits, 0, 0).release();
    in.removeWatch(a);
    assertEquals(3, watch("/b", NotifyEvents.IN_OPEN), "descriptors are not used again");
    fails(Errno.EINVAL, () -> in.removeWatch(a));
  }
}
