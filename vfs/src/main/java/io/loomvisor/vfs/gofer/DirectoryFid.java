package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.client.GoferClient;
import io.loomvisor.gofer.wire.Detail;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.Request;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/**
 * The fid of one directory, which it may lose to {@link DirectoryFids} while no request uses it and
 * gets again by a walk from its parent. Any thread.
 */
final class DirectoryFid {
  /** Result of {@link #give}: it is or was in use, ask again later. */
  static final int IN_USE = -1;

  /** In {@link #users}: the fid is being given back. */
  private static final int GIVING = -1;

  private final GoferDirectory directory;

  /** 0 while there is none. It becomes 0 only while {@link #users} keeps others away. */
  private final AtomicInteger fid;

  /** Requests that use the fid now, or {@link #GIVING}. */
  private final AtomicInteger users = new AtomicInteger();

  private volatile boolean usedOfLate;

  /** {@code fid} may be 0. */
  DirectoryFid(GoferDirectory directory, int fid) {
    this.directory = directory;
    this.fid = new AtomicInteger(fid);
  }

  /**
   * Calls {@code use} with the fid, which stays bound until it returns. ESTALE if the directory is
   * not where it was.
   */
  <R> R with(IntFunction<R> use) {
    hold();
    try {
      int f = fid.get();
      return use.apply(f != 0 ? f : rebind());
    } finally {
      usedOfLate = true;
      users.decrementAndGet();
    }
  }

  /** The first entries; the directory gets a fid if it has none. */
  Reply.Entries readFirst(Detail detail) {
    hold();
    try {
      int f = fid.get();
      return f != 0 ? read(f, detail) : readUnbound(detail);
    } finally {
      usedOfLate = true;
      users.decrementAndGet();
    }
  }

  private Reply.Entries read(int f, Detail detail) {
    return client().ask(new Request.ReadDirectory(f, 0, detail), Reply.Entries.class);
  }

  private Reply.Entries readUnbound(Detail detail) {
    GoferInode.Name n = directory.name();
    HostFile id = directory.identity();
    int newFid = client().newFid();
    try {
      Reply.Entries entries =
          n.directory()
              .with(
                  f ->
                      client()
                          .ask(
                              new Request.ReadChild(
                                  f, n.name(), newFid, id.dev(), id.ino(), detail),
                              Reply.Entries.class));
      offer(newFid);
      return entries;
    } catch (LinuxException e) {
      return switch (e.errno()) {
        case EBADF -> read(rebind(), detail); // that fid was bound, see GoferClient.newFids
        case ENOENT -> throw Errno.ESTALE.exception();
        default -> throw e;
      };
    }
  }

  private GoferClient client() {
    return directory.fs().client();
  }

  private void hold() {
    for (; ; ) {
      int n = users.get();
      if (n == GIVING) {
        Thread.onSpinWait(); // the other one only stores two fields
      } else if (users.compareAndSet(n, n + 1)) {
        return;
      }
    }
  }

  /**
   * Takes over a fid that a walk has bound to the directory, or gives it back to the gofer if it
   * has one.
   */
  void offer(int bound) {
    if (fid.get() == bound || fid.compareAndSet(0, bound)) {
      directory.fs().fids().bound(this);
    } else {
      directory.fs().fids().clunk(bound);
    }
  }

  /**
   * Takes the fid away unless it is in use or has been since this was asked last ({@link #IN_USE});
   * 0 if it has none.
   */
  int give() {
    boolean canComeBack =
        !directory.names().isEmpty()
            || directory.removed()
            || directory.fs().shared() && directory != directory.fs().root();
    if (usedOfLate || !canComeBack) {
      usedOfLate = false;
      return IN_USE;
    }
    if (!users.compareAndSet(0, GIVING)) {
      return IN_USE;
    }
    int f = fid.getAndSet(0);
    users.set(0);
    return f;
  }

  /** Walks there again from the parent. */
  private int rebind() {
    GoferInode.Name n = directory.name();
    int newFid = directory.fs().client().newFid();
    Reply.Walked walked =
        n.directory()
            .with(
                f ->
                    directory
                        .fs()
                        .client()
                        .ask(new Request.Walk(f, newFid, List.of(n.name())), Reply.Walked.class));
    boolean same =
        walked.stopped() == null
            && walked.found().size() == 1
            && HostFile.of(walked.found().getFirst()).equals(directory.identity())
            && FileMode.isDirectory(walked.found().getFirst().mode());
    if (!same) {
      directory.fs().fids().clunk(newFid);
      throw Errno.ESTALE.exception();
    }
    offer(newFid);
    return fid.get();
  }
}
