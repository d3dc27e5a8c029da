package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.gofer.client.OpenFile;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.StreamCalls;
import io.loomvisor.gofer.wire.Request;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.cache.CachedFile;
import io.loomvisor.vfs.cache.Storage;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Function;

/** A regular file of the host. */
final class GoferRegular extends GoferInode implements Storage {
  /** How often opening starts over because the name it went by had changed. */
  private static final int PATIENCE = 8;

  private static final int SEEK_CUR = 1;

  private static final VarHandle CONTENTS;

  static {
    try {
      CONTENTS =
          MethodHandles.lookup().findVarHandle(GoferRegular.class, "contents", CachedFile.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Null until somebody opens the file: of a million files that are looked at most are not. */
  private volatile CachedFile contents;

  /**
   * A descriptor is kept open though the file has links, for none of its names is known; see {@link
   * OpenHostFiles#keep}.
   */
  private volatile boolean kept;

  GoferRegular(GoferFilesystem filesystem, FileStat stat) {
    super(filesystem, stat);
  }

  CachedFile contents() {
    CachedFile c = contents;
    if (c != null) {
      return c;
    }
    statAfterWalk(); // the size is to be the present one
    CachedFile made = new CachedFile(fs().cache(), this, host().size(), fs().shared());
    return CONTENTS.compareAndSet(this, null, made) ? made : contents;
  }

  @Override
  long size() {
    CachedFile c = contents;
    return fs().shared() || c == null ? host().size() : c.size();
  }

  @Override
  FileStat refreshed() {
    if (fs().shared()) {
      FileStat known = host();
      FileStat now =
          fs().openFiles().ifOpen(this, fd -> DescriptorCalls.stat(fd, known), (FileStat) null);
      return now != null ? now : fs().call(this::refreshedHeld);
    }
    if (unlinked()) {
      FileStat s = host();
      FileStat now = fs().openFiles().ifOpen(this, fd -> DescriptorCalls.stat(fd, s), s);
      return new FileStat(
          s.dev(),
          s.ino(),
          s.mode(),
          0,
          s.uid(),
          s.gid(),
          s.rdev(),
          now.size(),
          now.blockSize(),
          now.blocks(),
          now.atime(),
          now.mtime(),
          now.ctime(),
          s.btime());
    }
    return fs().openFiles().with(this, false, fd -> DescriptorCalls.stat(fd, host()));
  }

  /**
   * Has the host's file opened, so that its errors come from open(2). What the host has changed in
   * a read-only tree's file shows from here on.
   */
  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    boolean write = OpenFlags.writable(flags);
    if (write) {
      fs().checkWritable();
    }
    if (fs().shared()) {
      return openShared(path, flags);
    }
    FileStat known = host();
    FileStat now = fs().openFiles().with(this, write, fd -> DescriptorCalls.stat(fd, known));
    if (fs().readOnly() && (now.size() != known.size() || !now.mtime().equals(known.mtime()))) {
      heard(now, 0);
      contents().replaced(now.size());
    }
    return new GoferFileDescription(this, path, flags);
  }

  /** From here on the file is the same one whatever becomes of its names. */
  private FileDescription openShared(VfsPath path, int flags) {
    pin();
    try {
      fs().openFiles().hold(this, OpenFlags.writable(flags));
      check();
      return new GoferFileDescription(this, path, flags);
    } finally {
      unpin();
    }
  }

  /** Up to {@code limit} bytes from {@code offset} on; 0 at or beyond the end. */
  long read(IoTarget target, long offset, long limit) {
    return fs().shared()
        ? contents().readThrough(target, offset, limit)
        : contents().read(target, offset, limit);
  }

  /**
   * In a shared tree: contents and attributes are those of the host from now on. Called with no
   * actor held.
   */
  void check() {
    if (fs().shared()) {
      long question = fs().question();
      heard(contents().check(), question);
    }
  }

  @Override
  public void setAttributes(SetAttributes change) {
    fs().checkWritable();
    if (change.size() != null) {
      truncate(change.size());
      dropIfUnused();
    }
    apply(change);
  }

  void truncate(long size) {
    fs().checkWritable();
    if (size < 0) {
      throw Errno.EINVAL.exception();
    }
    contents().truncate(size);
    touched();
  }

  /** Its last known name is about to go while it is in use. */
  void keepOpen() {
    kept = true;
    fs().openFiles().keep(this);
  }

  /** The name did not go, or nobody uses the file any more. */
  void stopKeeping() {
    kept = false;
    fs().openFiles().unkeep(this);
  }

  @Override
  void unused() {
    if (kept) {
      stopKeeping();
    }
    dropIfUnused();
  }

  /**
   * An open file of the host cannot be run there (ETXTBSY) or keeps its space when it is deleted,
   * so in a shared tree none is kept open for later.
   */
  private void dropIfUnused() {
    if (fs().shared()) {
      fs().openFiles().drop(this);
    }
  }

  @Override
  void lost() {
    discardContents();
  }

  private void discardContents() {
    CachedFile c = contents;
    if (c != null) {
      c.discard();
    }
  }

  @Override
  void discard() {
    discardContents();
    fs().openFiles().forget(this);
  }

  // The donated descriptor.

  /**
   * A descriptor from the gofer; the caller closes it. Asks for no actor that a page fault could
   * not ask for.
   */
  int openOnHost(boolean write) {
    for (int tries = 0; ; tries++) {
      Name n = name();
      try {
        return openAs(n, write);
      } catch (LinuxException e) {
        boolean moved = e.errno() == Errno.ENOENT || e.errno() == Errno.ESTALE;
        if (!moved) {
          throw e;
        }
        if (fs().shared()) {
          fs().run(() -> n.directory().lose(n.name(), this));
        }
        if (tries == PATIENCE || names().contains(n)) {
          throw Errno.ESTALE.exception();
        }
      }
    }
  }

  private int openAs(Name n, boolean write) {
    int flags = write ? OpenFlags.O_RDWR : OpenFlags.O_RDONLY;
    OpenFile file =
        n.directory()
            .with(
                fid ->
                    fs().client().open(new Request.Open(fid, n.name(), flags, identity().ino())));
    if (!HostFile.of(file.stat()).equals(identity()) || !FileMode.isRegular(file.stat().mode())) {
      DescriptorCalls.close(file.fd());
      throw Errno.ESTALE.exception();
    }
    return file.fd();
  }

  @Override
  public <R> R open(boolean write, Function<Handle, R> use) {
    return fs().openFiles().with(this, write, fd -> use.apply(new Descriptor(fd, this)));
  }

  private record Descriptor(int fd, GoferRegular file) implements Handle {
    @Override
    public long read(MemorySegment target, long offset) {
      return DescriptorCalls.pread(fd, target, offset);
    }

    @Override
    public long write(MemorySegment source, long offset) {
      return DescriptorCalls.pwrite(fd, source, offset);
    }

    @Override
    public long append(MemorySegment source) {
      return StreamCalls.append(fd, source);
    }

    @Override
    public long appended() {
      return DescriptorCalls.seek(fd, 0, SEEK_CUR);
    }

    @Override
    public FileStat stat() {
      return DescriptorCalls.stat(fd, file.host());
    }

    @Override
    public void truncate(long size) {
      DescriptorCalls.truncate(fd, size);
    }

    @Override
    public void allocate(int mode, long offset, long length) {
      DescriptorCalls.allocate(fd, mode, offset, length);
    }

    @Override
    public long seek(long offset, int whence) {
      return DescriptorCalls.seek(fd, offset, whence);
    }

    @Override
    public void sync(boolean dataOnly) {
      DescriptorCalls.sync(fd, dataOnly);
    }
  }
}
