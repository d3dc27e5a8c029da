package io.loomvisor.kernel.socket.xtables;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.filter.Hook;
import io.loomvisor.net.filter.TableName;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The options of iptables on memory of the test's own; {@code iptables_sockopts.c} is Linux's side.
 */
class XtablesTest {
  private static final int SOL_IP = 0;
  private static final int EMPTY_FILTER = 4;

  private final byte[] memory = new byte[1 << 16];
  private final Xtables tables =
      new Xtables(new IpLayer(new VirtualClock(), new PacketPool(), new Mib(), false));
  private final XtablesOptions options = XtablesOptions.of(tables, SOL_IP);
  private final Caller root = caller(Credentials.root());

  private Caller caller(Credentials who) {
    return new Caller() {
      @Override
      public Credentials credentials() {
        return who;
      }

      @Override
      public int threadId() {
        return 1;
      }

      @Override
      public int threadGroupId() {
        return 1;
      }

      @Override
      public int processGroupId() {
        return 1;
      }

      @Override
      public int sessionId() {
        return 1;
      }

      @Override
      public void copyIn(long address, MemorySegment target) {
        check(address, target);
        target.copyFrom(MemorySegment.ofArray(memory).asSlice(address, target.byteSize()));
      }

      @Override
      public void copyOut(long address, MemorySegment source) {
        check(address, source);
        MemorySegment.ofArray(memory).asSlice(address, source.byteSize()).copyFrom(source);
      }

      private void check(long address, MemorySegment part) {
        if (address < 0 || address > memory.length - part.byteSize()) {
          throw Errno.EFAULT.exception();
        }
      }
    };
  }

  private static void assertErrno(Errno expected, Runnable call) {
    assertEquals(expected, assertThrows(LinuxException.class, call::run).errno());
  }

  private ByteBuffer named(String table) {
    ByteBuffer b = ByteBuffer.wrap(memory).order(ByteOrder.LITTLE_ENDIAN);
    b.put(0, new byte[64]).put(0, table.getBytes());
    return b;
  }

  /** valid_hooks, entries, size. */
  private int[] info(String table) {
    ByteBuffer b = named(table);
    assertEquals(84, options.get(root, XtAbi.IPT_SO_GET_INFO, 0, 84));
    return new int[] {b.getInt(32), b.getInt(76), b.getInt(80)};
  }

  private static TableBytes filter() {
    return new TableBytes(TableName.FILTER);
  }

  /** One rule in INPUT, and a chain that it jumps to. */
  private static TableBytes withChain() {
    byte[] tcp = TableBytes.target("tcp", 0, new byte[] {0, 0, -1, -1, 80, 0, 80, 0, 0, 0, 0, 0});
    TableBytes t = filter().hook(Hook.INPUT);
    int rule = 112 + 48 + 40;
    int chain = rule + 3 * 152 + 176;
    return t.verdict(chain, tcp)
        .policy(Hook.INPUT, XtAbi.VERDICT_ACCEPT)
        .hook(Hook.FORWARD)
        .policy(Hook.FORWARD, XtAbi.VERDICT_DROP)
        .hook(Hook.OUTPUT)
        .policy(Hook.OUTPUT, XtAbi.VERDICT_ACCEPT)
        .chain("WEB")
        .verdict(XtAbi.VERDICT_DROP)
        .verdict(XtAbi.VERDICT_RETURN);
  }

  @Test
  void aFreshTableAcceptsAtEachOfItsHooks() {
    assertArrayEquals(new int[] {0xe, EMPTY_FILTER, 3 * 152 + 176}, info("filter"));
    assertArrayEquals(new int[] {0x1b, 5, 4 * 152 + 176}, info("nat"));
    assertEquals("[nat, filter]", tables.names(false).toString());
    assertErrno(Errno.ENOENT, () -> info("broute"));
  }

  @Test
  void whatIsReplacedIsReadBack() {
    TableBytes t = withChain();
    byte[] value = t.replace(EMPTY_FILTER, 4096);
    options.set(root, XtAbi.IPT_SO_SET_REPLACE, value);
    assertArrayEquals(new int[] {0xe, t.entries(), t.at()}, info("filter"));
    named("filter").putInt(32, t.at());
    options.get(root, XtAbi.IPT_SO_GET_ENTRIES, 0, 40 + t.at());
    byte[] back = java.util.Arrays.copyOfRange(memory, 40, 40 + t.at());
    assertArrayEquals(java.util.Arrays.copyOfRange(value, 96, value.length), back);
  }

  @Test
  void whoIsSlowerTriesAgain() {
    options.set(root, XtAbi.IPT_SO_SET_REPLACE, withChain().replace(EMPTY_FILTER, 4096));
    byte[] again = withChain().replace(EMPTY_FILTER, 4096);
    assertErrno(Errno.EAGAIN, () -> options.set(root, XtAbi.IPT_SO_SET_REPLACE, again));
  }

  @Test
  void countersAreAddedAndGivenBack() {
    info("filter");
    ByteBuffer b = ByteBuffer.allocate(40 + 4 * 16).order(ByteOrder.LITTLE_ENDIAN);
    b.put("filter".getBytes()).putInt(32, EMPTY_FILTER).putLong(40 + 16, 7).putLong(40 + 24, 700);
    options.set(root, XtAbi.IPT_SO_SET_ADD_COUNTERS, b.array());
    options.set(root, XtAbi.IPT_SO_SET_REPLACE, withChain().replace(EMPTY_FILTER, 4096));
    ByteBuffer old = ByteBuffer.wrap(memory).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(7, old.getLong(4096 + 16));
    assertEquals(700, old.getLong(4096 + 24));
    b.putInt(32, 3);
    assertErrno(Errno.EINVAL, () -> options.set(root, XtAbi.IPT_SO_SET_ADD_COUNTERS, b.array()));
  }

  @Test
  void onlyWhoAdministersTheNetworkMay() {
    Caller user = caller(Credentials.of(1000, 1000));
    assertErrno(Errno.EPERM, () -> options.get(user, XtAbi.IPT_SO_GET_INFO, 0, 84));
    byte[] value = withChain().replace(EMPTY_FILTER, 4096);
    assertErrno(Errno.EPERM, () -> options.set(user, XtAbi.IPT_SO_SET_REPLACE, value));
  }

  @Test
  void chainsThatJumpInCirclesAreRefused() {
    TableBytes t = filter();
    for (Hook h : new Hook[] {Hook.INPUT, Hook.FORWARD, Hook.OUTPUT}) {
      t.hook(h).policy(h, XtAbi.VERDICT_ACCEPT);
    }
    int own = t.at() + 176;
    byte[] value =
        t.chain("A").verdict(own).verdict(XtAbi.VERDICT_RETURN).replace(EMPTY_FILTER, 4096);
    assertErrno(Errno.ELOOP, () -> options.set(root, XtAbi.IPT_SO_SET_REPLACE, value));
  }

  @Test
  void whatIsNotThereIsRefusedByItsName() {
    TableBytes t = filter().hook(Hook.INPUT);
    t.verdict(XtAbi.VERDICT_DROP, TableBytes.target("recent", 1, new byte[8]));
    t.policy(Hook.INPUT, XtAbi.VERDICT_ACCEPT);
    for (Hook h : new Hook[] {Hook.FORWARD, Hook.OUTPUT}) {
      t.hook(h).policy(h, XtAbi.VERDICT_ACCEPT);
    }
    byte[] value = t.replace(EMPTY_FILTER, 4096);
    assertErrno(Errno.ENOENT, () -> options.set(root, XtAbi.IPT_SO_SET_REPLACE, value));
  }

  @Test
  void logLinesAreBounded() {
    VirtualClock clock = new VirtualClock();
    LogLines lines = new LogLines(clock);
    int passed = 0;
    for (int i = 0; i < 1000; i++) {
      passed += lines.mayPass() ? 1 : 0;
    }
    assertEquals(20, passed);
    clock.advance(Clock.SECOND);
    assertTrue(lines.mayPass());
  }

  /** Offsets, sizes, verdicts, names: whatever they are, there is an errno, and the table stays. */
  @Test
  void garbageIsRefusedWithAnErrno() {
    Random random = new Random(4);
    int refused = 0;
    for (int i = 0; i < 5_000; i++) {
      int now = info("filter")[1];
      byte[] value = withChain().replace(now, 4096);
      for (int k = random.nextInt(4); k >= 0; k--) {
        int at = random.nextInt(value.length - 4);
        switch (random.nextInt(3)) {
          case 0 -> value[at] = (byte) random.nextInt();
          case 1 -> ByteBuffer.wrap(value).putInt(at & ~3, random.nextInt());
          default -> value[at] ^= (byte) (1 << random.nextInt(8));
        }
      }
      if (random.nextInt(10) == 0) {
        value = java.util.Arrays.copyOf(value, random.nextInt(value.length));
      }
      byte[] garbage = value;
      try {
        options.set(root, XtAbi.IPT_SO_SET_REPLACE, garbage);
      } catch (LinuxException e) {
        refused++;
      }
      int[] after = info("filter");
      named("filter").putInt(32, after[2]);
      assertEquals(40 + after[2], options.get(root, XtAbi.IPT_SO_GET_ENTRIES, 0, 40 + after[2]));
    }
    assertTrue(refused > 500, "refused " + refused);
  }
}
