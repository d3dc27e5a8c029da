package io.loomvisor.task.memory;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.Platform;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.task.MemoryPolicy;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.cache.Mappable;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import io.loomvisor.vfs.proc.MemoryMapping;
import io.loomvisor.vfs.proc.MemoryStatus;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ObjLongConsumer;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * One address space of the application: the actor that owns its VMAs, its resident pages and its
 * page tables. Any thread may call every method, holding no actor of rank MEMORY or below; methods
 * that may unmap something want no actor held.
 *
 * <p>Counts the processes that use it (CLONE_VM); the last {@link #releaseUser} gives everything
 * back. Later calls find an empty address space.
 */
public final class MemoryManager extends Actor implements UserMemory {
  /**
   * What mincore(2) looks at in one step, so that it needs little of the sentry's memory is
   * bounded.
   */
  private static final long INCORE_STEP = 4096L << Platform.PAGE_SHIFT;

  /**
   * If the parent has no more pages that it may store to, fork copies these: they are the ones that
   * both sides are about to write. That takes 0.4 µs each, and a fault 40; after a fork that had
   * more to do, these are the ones that have been written since.
   */
  private static final int COPIED_BY_FORK = 64;

  private final Platform platform;
  private final AddressSpaceState state;
  private final Pager pager;
  private final Mapper mapper;
  private final Remapper remapper;
  private final Advisor advisor;
  private final UserCopy copy;
  private final AtomicInteger users = new AtomicInteger(1);

  /** Backings that no VMA uses any more, to be released once the actor has been left. */
  private final ConcurrentLinkedQueue<Backing> unused = new ConcurrentLinkedQueue<>();

  /** Set by exec, inherited by fork. */
  private volatile ProgramInfo program = ProgramInfo.NONE;

  /** Run once, when the last user has gone. */
  private final ConcurrentLinkedQueue<Runnable> closeActions = new ConcurrentLinkedQueue<>();

  /** membarrier(2) commands registered for; inherited by fork. */
  private final AtomicInteger barrierRegistrations = new AtomicInteger();

  /** Once is enough, whatever came of it. */
  private volatile boolean callPageOpened;

  private boolean closed;

  private MemoryManager(Platform platform, ResourceLimits limits) {
    super(Rank.MEMORY);
    this.platform = platform;
    state =
        new AddressSpaceState(new Residency(platform.memory(), platform.newAddressSpace()), limits);
    pager = new Pager(state);
    mapper = new Mapper(state, pager);
    remapper = new Remapper(state, mapper, pager);
    advisor = new Advisor(state, pager);
    copy = new UserCopy(state.pages, pager);
    state.listener = this::invalidate;
  }

  /** An empty address space with one user and the limits of a first process. */
  public static MemoryManager create(Platform platform) {
    return create(platform, ResourceLimits.initial());
  }

  /** An empty address space with one user. {@code limits} are read whenever they matter. */
  public static MemoryManager create(Platform platform, ResourceLimits limits) {
    return Scarcity.retrying(Errno.ENOMEM, () -> new MemoryManager(platform, limits));
  }

  /** The page tables. Changed by this actor only. */
  public AddressSpace addressSpace() {
    return state.pages.space();
  }

  /** Contexts that run here may post calls from now on (docs/exitless.md). */
  public void openCallPage() {
    if (!callPageOpened) {
      ask(
          () -> {
            if (!closed) {
              state.pages.space().openCallPage();
            }
          });
      callPageOpened = true;
    }
  }

  public Platform platform() {
    return platform;
  }

  /** Has {@code action} run when the address space ends, with no actor held. By a user of it. */
  public void onClose(Runnable action) {
    closeActions.add(action);
  }

  /** The MEMBARRIER_CMD_REGISTER_ commands that were given. */
  public int barrierRegistrations() {
    return barrierRegistrations.get();
  }

  public void registerBarrier(int command) {
    barrierRegistrations.getAndUpdate(r -> r | command);
  }

  /** One process more uses it; false if it is closed. */
  public boolean acquireUser() {
    return users.getAndUpdate(n -> n == 0 ? 0 : n + 1) > 0;
  }

  /**
   * One process less; the last one frees all memory. No context may run in the address space any
   * more by then.
   */
  public void releaseUser() {
    if (users.decrementAndGet() == 0) {
      ask(this::close);
      releaseUnused();
      for (Runnable r = closeActions.poll(); r != null; r = closeActions.poll()) {
        r.run();
      }
    }
  }

  public int users() {
    return users.get();
  }

  private void close() {
    closed = true;
    state.vmas.removeRange(0, Platform.USER_SPACE_END);
    collectUnused();
    state.pages.close();
    state.giveMemory();
    setProgram(ProgramInfo.NONE);
  }

  /** What exec put here. */
  public ProgramInfo program() {
    return program;
  }

  /** The file of the program cannot be written to from now on, nor that of the former any more. */
  public void setProgram(ProgramInfo info) {
    count(info, 1);
    count(program, -1);
    program = info;
  }

  private static void count(ProgramInfo program, int change) {
    if (program.executable() != null) {
      program.executable().inode().countProgram(change);
    }
  }

  /**
   * fork(2): a copy with copy-on-write of private pages.
   *
   * @param limits of the new process
   */
  public MemoryManager fork(ResourceLimits limits) {
    return Scarcity.retrying(
        Errno.ENOMEM,
        () -> {
          MemoryManager child = new MemoryManager(platform, limits);
          try {
            ask(
                () -> {
                  try {
                    copyInto(child);
                  } finally {
                    state.pages.settle();
                  }
                });
          } catch (RuntimeException | Error e) {
            child.releaseUser();
            throw e;
          }
          return child;
        });
  }

  /** The child is known to nobody yet, so its state is touched from here. */
  private void copyInto(MemoryManager child) {
    if (closed) {
      throw Errno.ESRCH.exception();
    }
    child.state.payForVmas(state.vmas.size());
    Map<Backing, Backing> copies = new HashMap<>();
    boolean copyPages = state.pages.fewWritable(state.vmas, COPIED_BY_FORK);
    for (int i = 0; i < state.vmas.size(); i++) {
      Vma vma = state.vmas.at(i);
      if (vma.has(Vma.DONT_FORK)) {
        continue;
      }
      Backing backing = vma.backing();
      if (backing != null) {
        backing = copies.computeIfAbsent(backing, b -> child.inherit(b));
      }
      int flags = vma.flags() & ~Vma.LOCKED;
      child.state.vmas.append(
          new Vma(vma.start(), vma.end(), vma.protection(), flags, backing, vma.offset()));
      if (!vma.has(Vma.WIPE_ON_FORK)) {
        state.pages.share(vma, child.state.pages, copyPages);
      }
    }
    child.state.vmas.reportUses();
    child.state.mmapBase = state.mmapBase;
    child.state.brkStart = state.brkStart;
    child.state.brk = state.brk;
    child.state.notePeak();
    child.setProgram(program);
    child.barrierRegistrations.set(barrierRegistrations.get());
  }

  private Backing inherit(Backing parents) {
    Backing b = parents.forFork();
    b.registerAs(parents, state.listener);
    return b;
  }

  /** Runs what may take mappings away, then makes that take effect. */
  private <R> R change(Supplier<R> body) {
    try {
      return ask(
          () -> {
            requireOpen();
            try {
              return body.get();
            } catch (MemoryFile.OutOfMemoryException e) {
              throw Errno.ENOMEM.exception();
            } finally {
              collectUnused();
              state.pages.settle();
            }
          });
    } finally {
      releaseUnused();
    }
  }

  private void change(Runnable body) {
    change(
        () -> {
          body.run();
          return null;
        });
  }

  private void requireOpen() {
    if (closed) {
      throw Errno.ESRCH.exception();
    }
  }

  private void collectUnused() {
    state.vmas.reportUses();
    for (Backing b : state.vmas.takeUnused()) {
      b.unregister(state.listener);
      unused.add(b);
    }
  }

  private void releaseUnused() {
    for (Backing b = unused.poll(); b != null; b = unused.poll()) {
      b.release();
    }
  }

  /**
   * mmap(2).
   *
   * @param file null with MAP_ANONYMOUS; stays the caller's
   * @return the address
   */
  public long mmap(
      long address, long length, int protection, int flags, FileDescription file, long offset) {
    return mmap(address, length, protection, flags, file, offset, MapPrivileges.NONE);
  }

  /** As the shorter form, for a caller with {@code privileges}. */
  public long mmap(
      long address,
      long length,
      int protection,
      int flags,
      FileDescription file,
      long offset,
      MapPrivileges privileges) {
    MappingRequest request = MappingRequest.check(length, protection, flags, file, offset);
    Backing backing = request.newBacking(platform.memory());
    int inherited = request.vmaFlags();
    try {
      return change(
          () -> {
            Backing known = backing == null ? null : sameAsNeighbour(backing, address, flags);
            return mapper.map(
                address, length, protection, flags, inherited, known, offset, privileges);
          });
    } finally {
      if (backing != null) {
        releaseIfUnmapped(backing);
      }
    }
  }

  /**
   * The backing of a mapping of the same open file that ends or begins at {@code address}, so that
   * they can be one VMA.
   */
  private Backing sameAsNeighbour(Backing wanted, long address, int flags) {
    if ((flags & MemoryFlags.MAP_FIXED) == 0 || wanted.description() == null || address <= 0) {
      return wanted;
    }
    Vma below = state.vmas.find(address - 1);
    boolean same =
        below != null
            && below.backing() != null
            && below.backing().description() == wanted.description();
    return same ? below.backing() : wanted;
  }

  private void releaseIfUnmapped(Backing backing) {
    boolean idle = ask(() -> !backing.everUsed());
    if (idle) {
      backing.release();
    }
  }

  /**
   * Maps memory of the kernel: the vDSO and its data. {@code vmaFlags} are constants of {@link
   * Vma}.
   *
   * @return the address
   */
  public long mapKernel(long address, Mappable frames, int protection, String label, int vmaFlags) {
    return change(
        () ->
            mapper.map(
                address,
                frames.size(),
                protection,
                MemoryFlags.MAP_PRIVATE,
                vmaFlags,
                Backing.ofKernel(frames, label),
                0,
                MapPrivileges.NONE));
  }

  public void munmap(long address, long length) {
    change(() -> mapper.unmap(address, length));
  }

  /**
   * Takes away what one mmap of {@code kind} has put at {@code address} and is still there
   * (shmdt(2), ksys_shmdt() of ipc/shm.c): mappings at their original distance from {@code
   * address}, the first of which says which description.
   *
   * @param size of what was mapped, by its description
   * @return false if there is none
   */
  public <D extends FileDescription> boolean munmapAll(
      long address, Class<D> kind, ToLongFunction<D> size) {
    return change(() -> mapper.unmapAll(address, kind, size));
  }

  public void mprotect(long address, long length, int protection) {
    change(() -> mapper.protect(address, length, protection));
  }

  /** mremap(2); returns the new address. */
  public long mremap(long address, long oldLength, long newLength, int flags, long newAddress) {
    return change(() -> remapper.remap(address, oldLength, newLength, flags, newAddress));
  }

  /** brk(2) as the kernel answers it: the end of the heap afterwards. */
  public long brk(long address) {
    return change(() -> mapper.brk(address));
  }

  public void madvise(long address, long length, int advice) {
    change(() -> advisor.advise(address, length, advice));
  }

  /** mseal(2). */
  public void seal(long address, long length) {
    change(() -> advisor.seal(address, length));
  }

  /** mbind(2) of [start, end), page-aligned; EFAULT if something there is not mapped. */
  public void setPolicy(long start, long end, MemoryPolicy policy) {
    change(() -> advisor.setPolicy(start, end, policy));
  }

  /** The policy of the VMA at {@code address}, the default if it has none; EFAULT. */
  public MemoryPolicy policyAt(long address) {
    Vma v = vmaAt(address);
    if (v == null) {
      throw Errno.EFAULT.exception();
    }
    return v.policy();
  }

  public void msync(long address, long length, int flags) {
    change(() -> advisor.sync(address, length, flags));
  }

  /**
   * mincore(2): has {@code out} take one byte for each page, in pieces, each with the address that
   * its first byte is about.
   */
  public void mincore(long address, long length, ObjLongConsumer<byte[]> out) {
    Mincore.check(address, length);
    long end = address + AddressSpaceState.alignUp(length);
    Mincore mincore = new Mincore(state);
    for (long a = address; a < end; a += INCORE_STEP) {
      long from = a;
      out.accept(ask(() -> mincore.resident(from, Math.min(end, from + INCORE_STEP))), from);
    }
  }

  /**
   * mlock(2).
   *
   * @param onFault MLOCK_ONFAULT
   * @param unlimited CAP_IPC_LOCK: RLIMIT_MEMLOCK does not count
   */
  public void mlock(long address, long length, boolean onFault, boolean unlimited) {
    change(() -> advisor.lock(address, length, true, onFault, unlimited));
  }

  public void munlock(long address, long length) {
    change(() -> advisor.lock(address, length, false, false, true));
  }

  /** mlockall(2) with its flags, which have been checked; munlockall(2) with 0. */
  public void mlockAll(int flags, boolean unlimited) {
    change(() -> advisor.lockAll(flags, unlimited));
  }

  /** Where mmap(2) places things downwards from; set by the loader. */
  public void setMmapBase(long base) {
    ask(() -> state.mmapBase = base);
  }

  /** Where the heap begins; it is empty. */
  public void setBrkStart(long start) {
    ask(
        () -> {
          state.brkStart = start;
          state.brk = start;
        });
  }

  /** A page fault of the application. */
  public FaultOutcome fault(long address, boolean write, boolean execute) {
    return ask(() -> resolve(address, write, execute));
  }

  private FaultOutcome resolve(long address, boolean write, boolean execute) {
    if (closed) {
      return FaultOutcome.NOT_MAPPED;
    }
    try {
      return pager.fault(address, write, execute);
    } finally {
      state.pages.settle();
    }
  }

  /**
   * What came of a fault.
   *
   * @param pages that have become resident
   */
  public record CountedFault(FaultOutcome outcome, int pages) {}

  /** As {@link #fault}, for whoever wants to know how much it brought in. */
  public CountedFault countedFault(long address, boolean write, boolean execute) {
    return ask(
        () -> {
          long before = closed ? 0 : state.pages.size();
          FaultOutcome outcome = resolve(address, write, execute);
          return new CountedFault(outcome, closed ? 0 : (int) (state.pages.size() - before));
        });
  }

  private void invalidate(Mappable file, long first, long end) {
    ask(
        () -> {
          boolean truncated =
              first >= AddressSpaceState.alignUp(file.size()) >>> Platform.PAGE_SHIFT;
          for (int i = 0; i < state.vmas.size(); i++) {
            Vma v = state.vmas.at(i);
            if (v.backing() != null && v.backing().mappable() == file) {
              dropPages(v, first, end, truncated);
            }
          }
          state.pages.settle();
        });
  }

  /**
   * Truncation takes private copies away too, punching a hole does not (Linux: unmap_mapping_range,
   * even_cows).
   */
  private void dropPages(Vma v, long first, long end, boolean copiesToo) {
    long vmaFirst = v.offset() >>> Platform.PAGE_SHIFT;
    long vmaEnd = vmaFirst + (v.length() >>> Platform.PAGE_SHIFT);
    long from = Math.max(first, vmaFirst);
    long to = Math.min(end, vmaEnd);
    if (from >= to) {
      return;
    }
    long start = v.start() + (from - vmaFirst << Platform.PAGE_SHIFT);
    long stop = v.start() + (to - vmaFirst << Platform.PAGE_SHIFT);
    if (copiesToo) {
      state.pages.drop(start, stop);
    } else {
      state.pages.dropBacked(start, stop);
    }
  }

  /** The VMAs in ascending order. */
  public List<Vma> vmas() {
    return ask(state.vmas::toList);
  }

  /** The VMA that contains {@code address}; null if there is none. */
  public Vma vmaAt(long address) {
    return ask(() -> state.vmas.find(address));
  }

  /** The lines of /proc/PID/maps and smaps. */
  public List<MemoryMapping> mappings() {
    return ask(() -> new MemoryReport(state, program).mappings());
  }

  /** The bytes that are resident. */
  public long resident() {
    return ask(() -> state.pages.size() << Platform.PAGE_SHIFT);
  }

  /** The most bytes that were ever resident. */
  public long peakResident() {
    return ask(() -> state.pages.peak() << Platform.PAGE_SHIFT);
  }

  /** The sizes of /proc/PID/status and statm. */
  public MemoryStatus status() {
    return ask(() -> new MemoryReport(state, program).status());
  }

  /**
   * The identity of the futex at {@code address}, aligned to 4; EFAULT if there is nothing mapped.
   *
   * @param privately FUTEX_PRIVATE_FLAG: the application promises that no other address space uses
   *     it
   */
  public FutexKey futexKey(long address, boolean privately) {
    if (address < 0 || address >= Platform.MAX_USER_ADDRESS) {
      throw Errno.EFAULT.exception();
    }
    return privately ? new FutexKey(this, address) : ask(() -> sharedFutexKey(address));
  }

  private FutexKey sharedFutexKey(long address) {
    Vma v = state.vmas.find(address);
    if (v == null || !v.accessible()) {
      throw Errno.EFAULT.exception();
    }
    return v.shared()
        ? new FutexKey(v.backing().mappable(), v.offset() + (address - v.start()))
        : new FutexKey(this, address);
  }

  /**
   * Runs a copy in the actor; the flush and release that a copy-on-write break needs come after it.
   */
  private <R> R access(Supplier<R> body) {
    return Scarcity.retrying(
        Errno.EFAULT,
        () ->
            ask(
                () -> {
                  if (closed) {
                    throw Errno.EFAULT.exception();
                  }
                  try {
                    return body.get();
                  } finally {
                    state.pages.settle();
                  }
                }));
  }

  @Override
  public byte getByte(long address) {
    return access(() -> (byte) copy.getNumber(address, 1));
  }

  @Override
  public short getShort(long address) {
    return access(() -> (short) copy.getNumber(address, 2));
  }

  @Override
  public int getInt(long address) {
    return access(() -> (int) copy.getNumber(address, 4));
  }

  @Override
  public long getLong(long address) {
    return access(() -> copy.getNumber(address, 8));
  }

  @Override
  public void putByte(long address, byte value) {
    put(address, value, 1);
  }

  @Override
  public void putShort(long address, short value) {
    put(address, value, 2);
  }

  @Override
  public void putInt(long address, int value) {
    put(address, value, 4);
  }

  @Override
  public void putLong(long address, long value) {
    put(address, value, 8);
  }

  private void put(long address, long value, int bytes) {
    access(
        () -> {
          copy.putNumber(address, value, bytes);
          return null;
        });
  }

  @Override
  public void copyIn(long address, MemorySegment target) {
    if (copyInPartial(address, target, 0, target.byteSize()) < target.byteSize()) {
      throw Errno.EFAULT.exception();
    }
  }

  @Override
  public void copyOut(long address, MemorySegment source) {
    if (copyOutPartial(address, source, 0, source.byteSize()) < source.byteSize()) {
      throw Errno.EFAULT.exception();
    }
  }

  @Override
  public String copyInString(long address, int limit) {
    String s = access(() -> copy.string(address, limit));
    if (s == null) {
      throw Errno.ENAMETOOLONG.exception();
    }
    return s;
  }

  @Override
  public long copyInPartial(long address, MemorySegment target, long offset, long length) {
    return access(() -> copy.in(address, target, offset, length));
  }

  @Override
  public long copyOutPartial(long address, MemorySegment source, long offset, long length) {
    return access(() -> copy.out(address, source, offset, length));
  }

  @Override
  public long zeroPartial(long address, long length) {
    return access(() -> copy.zero(address, length));
  }

  @Override
  public long faultIn(long address, long length, boolean write) {
    return access(() -> copy.touch(address, length, write));
  }

  @Override
  public int compareAndSwapInt(long address, int expected, int update) {
    requireAligned(address);
    return access(() -> copy.compareAndSwap(address, expected, update));
  }

  /**
   * The aligned int at {@code address}, ordered with the application's accesses: what a futex
   * compares.
   */
  public int getIntVolatile(long address) {
    requireAligned(address);
    return access(() -> copy.getVolatileInt(address));
  }

  private static void requireAligned(long address) {
    if ((address & 3) != 0) {
      throw Errno.EINVAL.exception();
    }
  }

  /**
   * Reads as a debugger does: whatever is mapped, readable or not.
   *
   * @return bytes up to the first that is not mapped
   */
  public long inspect(long address, MemorySegment target) {
    return access(() -> new DebugAccess(state, pager).read(address, target));
  }

  /**
   * Writes as a debugger does: private memory whatever its protection, in a copy of this address
   * space's own; shared memory only where it is writable.
   */
  public long patch(long address, MemorySegment source) {
    return access(() -> new DebugAccess(state, pager).write(address, source));
  }

  @Override
  public IoTarget target(long address, long length) {
    return UserBuffer.of(this, address, length);
  }

  @Override
  public IoSource source(long address, long length) {
    return UserBuffer.of(this, address, length).asSource();
  }

  @Override
  public IoTarget targetVector(long iovec, int count) {
    return UserBuffer.ofVector(this, iovec, count);
  }

  @Override
  public IoSource sourceVector(long iovec, int count) {
    return UserBuffer.ofVector(this, iovec, count).asSource();
  }
}
