package io.loomvisor.platform.kvm;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Context;
import io.loomvisor.platform.Exit;
import io.loomvisor.platform.PolledCalls;
import io.loomvisor.platform.Registers;
import io.loomvisor.platform.kvm.memory.CallPage;
import io.loomvisor.platform.kvm.memory.PageTables;
import io.loomvisor.scheduler.wait.WakeUps;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks that wait inside the guest for another one to serve their call. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class StandbyTest {
  private static final long CODE = 0x40_0000;

  /** Takes a token, or waits for one. */
  private static final int TAKE = 111;

  private static final int LAST = 112;

  /** Looks that take some milliseconds, as an exit may on an emulated host. */
  private static final int PATIENT = 100_000;

  /** Gives one to the partner. */
  private static final int GIVE = 113;

  /**
   * 1: mov $111, %eax; syscall; inc %rbx; cmp %rbx, %rax; jne 2f; mov $113, %eax; syscall; dec
   * %rbp; jnz 1b; mov $112, %eax; syscall; 2: ud2
   */
  private static final byte[] PLAY =
      HexFormat.of()
          .parseHex(
              "b86f0000000f0548ffc34839d87513b8710000000f0548ffcd75e5b87000" + "00000f050f0b");

  private KvmPlatform platform;

  /**
   * @param looks how often a guest looks for its answer
   */
  private void start(int looks) {
    start(looks, 3);
  }

  private void start(int looks, int vcpus) {
    start(
        new Polling(
            looks, 3, 0, 0, Integer.MAX_VALUE, Integer.MAX_VALUE, true, Polling.Standing.EAGER),
        vcpus,
        new BitSet());
  }

  private void start(Polling polling, int vcpus, BitSet postable) {
    Guests.assumeKvm();
    platform =
        KvmPlatform.create(
            KvmOptions.DEFAULT.withMemoryLimit(64 << 20).withVcpus(vcpus).withPolling(polling));
    platform.postableCalls(postable);
  }

  @AfterEach
  void stop() {
    if (platform != null) {
      platform.close();
    }
  }

  /** A task and its kernel: a call lost or served twice breaks the sequence that it counts. */
  private final class Player implements PolledCalls, AutoCloseable {
    final AddressSpace space = platform.newAddressSpace();
    final Context context = platform.newContext();
    final Semaphore tokens = new Semaphore(0);
    final AtomicInteger taken = new AtomicInteger();
    final AtomicInteger servedByOthers = new AtomicInteger();
    final AtomicInteger declined = new AtomicInteger();
    Player partner;

    /** Called when the task is about to sleep. */
    volatile Runnable beforeSleep = () -> {};

    Player() {
      Guests.map(platform, space, CODE, AddressSpace.READ | AddressSpace.EXEC, PLAY);
      space.openCallPage();
      context.polledCalls(this);
      context.answers().allow(true);
      context.registers().rip = CODE;
    }

    @Override
    public long serve(long number, long a, long b, long c, long d, long e, long f) {
      assertEquals(TAKE, number);
      if (!tokens.tryAcquire()) {
        declined.incrementAndGet();
        return DECLINED;
      }
      servedByOthers.incrementAndGet();
      return taken.incrementAndGet();
    }

    /** Has it stand by with TAKE from the next run on. */
    void getUsedTo() {
      context.registers().rax = TAKE;
      context.release();
      context.awake();
    }

    void give(Player to) {
      to.tokens.release();
      WakeUps.happened();
    }

    /** Plays so many rounds, and returns when the application has come to its end. */
    void play(int rounds) {
      Registers r = context.registers();
      r.rip = CODE;
      r.rbx = taken.get();
      r.rbp = rounds;
      for (; ; ) {
        switch (context.run(space)) {
          case Exit.Syscall _ -> {
            if (r.rax == LAST) {
              context.release();
              return;
            }
            r.rax = call((int) r.rax);
          }
          case Exit.Interrupted _ -> {}
          case Exit other -> throw new AssertionError(other + ": got " + r.rax + " for " + r.rbx);
        }
      }
    }

    private long call(int number) {
      if (number == GIVE) {
        give(partner);
        return 0;
      }
      assertEquals(TAKE, number);
      if (!tokens.tryAcquire()) {
        beforeSleep.run();
        context.release();
        tokens.acquireUninterruptibly();
        context.awake();
      }
      return taken.incrementAndGet();
    }

    @Override
    public void close() {
      context.close();
      space.close();
    }
  }

  private static CompletableFuture<Void> onOwnThread(Runnable body) {
    return CompletableFuture.runAsync(body, r -> Thread.ofVirtual().start(r));
  }

  private record Pair(Player first, Player second) {
    Pair {
      first.partner = second;
      second.partner = first;
      first.tokens.release();
    }

    void play(int rounds) {
      CompletableFuture<Void> one = onOwnThread(() -> first.play(rounds));
      CompletableFuture<Void> other = onOwnThread(() -> second.play(rounds));
      one.join();
      other.join();
      assertEquals(first.taken.get(), second.taken.get());
    }

    int served() {
      return first.servedByOthers.get() + second.servedByOthers.get();
    }
  }

  @Test
  void twoServeEachOther() {
    start(PATIENT);
    try (Player first = new Player();
        Player second = new Player()) {
      Pair pair = new Pair(first, second);
      for (int i = 0; i < 50 && pair.served() < 200; i++) {
        pair.play(200);
      }
      assertTrue(pair.served() >= 200, pair.served() + " served");
    }
  }

  /** Three in a ring, each on its own CPU or not: whoever comes out serves whoever it can. */
  @Test
  void threeInARing() {
    start(PATIENT);
    try (Player a = new Player();
        Player b = new Player();
        Player c = new Player()) {
      a.partner = b;
      b.partner = c;
      c.partner = a;
      a.tokens.release();
      CompletableFuture<Void> one = onOwnThread(() -> a.play(500));
      CompletableFuture<Void> two = onOwnThread(() -> b.play(500));
      c.play(500);
      one.join();
      two.join();
      assertEquals(500, a.taken.get());
      assertEquals(500, b.taken.get());
      assertEquals(500, c.taken.get());
    }
  }

  /** Kicks at any instruction: no call is lost or served twice. */
  @Test
  @Tag("unemulated") // docs/standby.md, Tests
  void kicksWhileStandingBy() throws InterruptedException {
    start(PATIENT);
    AtomicBoolean done = new AtomicBoolean();
    try (Player first = new Player();
        Player second = new Player()) {
      Pair pair = new Pair(first, second);
      Thread kicker =
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; !done.get(); i++) {
                      (i % 2 == 0 ? first : second).context.interrupt();
                      LockSupport.parkNanos(30_000);
                    }
                  });
      for (int i = 0; i < 10; i++) {
        pair.play(200);
      }
      done.set(true);
      kicker.join();
      assertEquals(2000, first.taken.get());
    }
  }

  /**
   * Nobody does what it waits for: it comes out, and makes its call as if it had never posted it.
   */
  @Test
  void whoIsNotServedComesOut() {
    start(PATIENT);
    try (Player alone = new Player()) {
      alone.getUsedTo();
      Registers r = alone.context.registers();
      r.rip = CODE;
      r.rdi = 0;
      assertInstanceOf(Exit.Syscall.class, alone.context.run(alone.space));
      assertEquals(TAKE, r.rax);
      assertEquals(0, alone.declined.get());
    }
  }

  /** With patience without end, so that only being told gets it out. */
  @Test
  void whatNoTaskDoesIsTold() throws InterruptedException {
    start(Integer.MAX_VALUE);
    try (Player waiting = new Player()) {
      waiting.getUsedTo();
      CompletableFuture<Exit> run = runUntilPosted(waiting);
      Thread.ofPlatform().start(WakeUps::happened).join();
      assertInstanceOf(Exit.Syscall.class, run.join());
      assertEquals(TAKE, waiting.context.registers().rax);
    }
  }

  /** As a task: what another thread does is told at once. */
  private static void playOn(Player player) {
    onOwnThread(() -> player.play(1)).join();
  }

  private static long stateAt(Player player) {
    return ((PageTables) player.space).callPage().offset(0) + CallPage.STATE;
  }

  /** Returns when its call is there for others to serve. */
  private CompletableFuture<Exit> runUntilPosted(Player player) {
    CompletableFuture<Exit> run = new CompletableFuture<>();
    Thread.ofPlatform()
        .start(
            () -> {
              Exit exit;
              do {
                exit = player.context.run(player.space);
              } while (exit instanceof Exit.Interrupted);
              run.complete(exit);
            });
    awaitPosted(player, run);
    return run;
  }

  private void awaitPosted(Player player, CompletableFuture<?> run) {
    MemorySegment memory = platform.memory().whole();
    while (memory.get(JAVA_INT, stateAt(player)) != Posting.POSTED) {
      assertFalse(run.isDone(), "it has come out instead");
      Thread.onSpinWait();
    }
  }

  /** It goes on standing by after it has been tried in vain, until there is something for it. */
  @Test
  void whoHasBeenTriedInVainGoesOnStandingBy() {
    start(Integer.MAX_VALUE);
    try (Player waiting = new Player();
        Player other = new Player()) {
      waiting.getUsedTo();
      waiting.context.registers().rbp = 1;
      CompletableFuture<Exit> run = runUntilPosted(waiting);
      other.partner = other;
      for (int i = 1; i <= 5; i++) {
        other.tokens.release();
        playOn(other);
        other.tokens.drainPermits();
        assertTrue(waiting.declined.get() >= i, waiting.declined + " tries");
        assertEquals(0, waiting.taken.get());
      }
      other.partner = waiting;
      other.tokens.release();
      playOn(other);
      assertInstanceOf(Exit.Syscall.class, run.join());
      assertEquals(GIVE, waiting.context.registers().rax);
      assertEquals(1, waiting.servedByOthers.get());
    }
  }

  /** Another number in the area than the one that is awaited: somebody has written there. */
  @Test
  void anotherCallThanTheAwaitedOneIsNotServed() {
    start(Integer.MAX_VALUE);
    try (Player waiting = new Player();
        Player other = new Player()) {
      waiting.getUsedTo();
      CompletableFuture<Exit> run = runUntilPosted(waiting);
      MemorySegment memory = platform.memory().whole();
      long area = stateAt(waiting) - CallPage.STATE;
      memory.set(JAVA_LONG, area + CallPage.NUMBER, LAST);
      other.partner = waiting;
      other.tokens.release();
      playOn(other);
      assertInstanceOf(Exit.Syscall.class, run.join());
      assertEquals(0, waiting.servedByOthers.get());
      assertEquals(TAKE, waiting.context.registers().rax);
    }
  }

  /** What the poller has declined is no reason not to stand by, while it looks or afterwards. */
  @Test
  void whoseCallsThePollerDeclinesStandsBy() throws InterruptedException {
    BitSet postable = new BitSet();
    postable.set(TAKE);
    long patience = TimeUnit.MINUTES.toNanos(1);
    start(
        new Polling(Integer.MAX_VALUE, 3, patience, patience, 1, 0, false, Polling.Standing.EAGER),
        3,
        postable);
    try (Player waiting = new Player()) {
      Guests.awaitLooking(platform, waiting.context);
      Registers r = waiting.context.registers();
      for (int i = 0; i < 20; i++) {
        r.rip = CODE;
        assertInstanceOf(Exit.Syscall.class, waiting.context.run(waiting.space));
        assertEquals(TAKE, r.rax);
      }
      int declined = waiting.declined.get();
      assertTrue(declined > 0 && declined < 20, "so it posts no more: " + declined);
      waiting.getUsedTo();
      r.rip = CODE;
      CompletableFuture<Exit> run = runUntilPosted(waiting);
      Thread.ofPlatform().start(WakeUps::happened).join();
      assertInstanceOf(Exit.Syscall.class, run.join());
    }
  }

  /** EDI tells the awaited call from others of its number. */
  @Test
  void anotherArgumentComesOut() {
    start(Integer.MAX_VALUE);
    try (Player player = new Player()) {
      player.getUsedTo();
      Registers r = player.context.registers();
      r.rip = CODE;
      r.rdi = 1;
      assertInstanceOf(Exit.Syscall.class, player.context.run(player.space));
      assertEquals(TAKE, r.rax);
      assertEquals(1, r.rdi);
      assertEquals(0, platform.memory().whole().get(JAVA_INT, stateAt(player)));
    }
  }

  @Test
  void closingWhileOneStandsBy() {
    start(Integer.MAX_VALUE);
    Player waiting = new Player();
    waiting.getUsedTo();
    CompletableFuture<Void> run =
        onOwnThread(
            () -> {
              while (true) {
                waiting.context.run(waiting.space);
              }
            });
    awaitPosted(waiting, run);
    platform.close();
    Throwable end = run.handle((nothing, thrown) -> thrown).join();
    assertInstanceOf(io.loomvisor.platform.Platform.ClosedException.class, end.getCause());
  }

  /** On the vCPU of one that has stood by. */
  @Test
  void whoHasNoHabitComesOut() {
    start(Integer.MAX_VALUE, 1);
    try (Player used = new Player();
        Player plain = new Player()) {
      used.getUsedTo();
      CompletableFuture<Exit> run = runUntilPosted(used);
      used.give(used); // on a platform thread: it comes out
      run.join();
      used.context.release();
      assertInstanceOf(Exit.Syscall.class, plain.context.run(plain.space));
      assertEquals(TAKE, plain.context.registers().rax);
      assertEquals(0, platform.memory().whole().get(JAVA_INT, stateAt(plain)));
    }
  }
}
