package io.loomvisor.kernel.ipc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.vfs.Credentials;
import org.junit.jupiter.api.Test;

class IpcTableTest {
  private record Thing(int id, IpcPermission permission) implements IpcObject {
    @Override
    public void removed() {}
  }

  private long limit = 1000;
  private final IpcTable<Thing> table = new IpcTable<>(() -> limit);

  private Thing get(int key, int flags, Credentials who) {
    return table.get(key, flags, who, t -> {}, () -> {}, Thing::new);
  }

  private Thing make() {
    return get(IpcFlags.IPC_PRIVATE, 0600, Credentials.root());
  }

  private void remove(Thing t) {
    assertTrue(table.remove(t, () -> {}));
  }

  private static void fails(Errno errno, Runnable action) {
    assertEquals(errno, assertThrows(LinuxException.class, action::run).errno());
  }

  @Test
  void identifiersDoNotComeBackSoon() {
    Thing first = make();
    assertEquals(0, first.id());
    remove(first);
    assertEquals(1, make().id());
    for (int i = 2; i < 64; i++) {
      remove(make());
    }
    Thing again = make();
    assertEquals(1 << 15, again.id(), "index 0, the next sequence number");
    fails(Errno.EINVAL, () -> table.find(first.id()));
    assertSame(again, table.find(again.id()));
    assertSame(again, table.atIndex(0));
  }

  @Test
  void keysNameOneObject() {
    Credentials root = Credentials.root();
    fails(Errno.ENOENT, () -> get(7, 0600, root));
    Thing made = get(7, IpcFlags.IPC_CREAT | 0600, root);
    assertSame(made, get(7, 0600, root));
    assertSame(made, get(7, IpcFlags.IPC_CREAT, root));
    fails(Errno.EEXIST, () -> get(7, IpcFlags.IPC_CREAT | IpcFlags.IPC_EXCL, root));
    fails(Errno.EACCES, () -> get(7, 0400, Credentials.of(5, 5)));
    assertSame(made, get(7, 0, Credentials.of(5, 5)));
    table.dropKey(made);
    fails(Errno.ENOENT, () -> get(7, 0600, root));
    assertSame(made, table.find(made.id()));
  }

  @Test
  void theLimitIsKept() {
    limit = 2;
    Thing one = make();
    make();
    fails(Errno.ENOSPC, this::make);
    remove(one);
    assertFalse(table.remove(one, () -> {}), "gone already");
    assertEquals(2, make().id());
    assertEquals(2, table.maxIndex());
  }

  @Test
  void rightsAreTheOwnersTheGroupsOrEverybodys() {
    IpcPermission p = new IpcPermission(0, 1, 2, 3, 4, 0640);
    p.check(Credentials.of(1, 9), 0600);
    p.check(Credentials.of(3, 9), 0600);
    p.check(Credentials.of(9, 2), IpcFlags.READ);
    p.check(Credentials.of(9, 8, 4), IpcFlags.READ);
    fails(Errno.EACCES, () -> p.check(Credentials.of(9, 2), IpcFlags.WRITE));
    fails(Errno.EACCES, () -> p.check(Credentials.of(9, 9), IpcFlags.READ));
    p.check(Credentials.root(), IpcFlags.READ | IpcFlags.WRITE);
    fails(Errno.EPERM, () -> p.requireOwner(Credentials.of(9, 2)));
    p.requireOwner(Credentials.of(1, 9));
  }
}
