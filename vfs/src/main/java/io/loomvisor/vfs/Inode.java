package io.loomvisor.vfs;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.SetAttributes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;

/**
 * One file of one file system. The methods are called by the VFS after it has walked the path and
 * checked permissions; the file system decides the rest. A method that the file does not have fails
 * with the errno of Linux for that case.
 *
 * <p>Directory methods take single names: never empty, never ".", "..", never with a slash, at most
 * 255 bytes.
 */
public abstract class Inode {
  private static final VarHandle OPENS;
  private static final VarHandle PROGRAMS;

  /** One description more that may write, in {@link #opens}. */
  private static final long WRITER = 1L << 32;

  static {
    try {
      OPENS = MethodHandles.lookup().findVarHandle(Inode.class, "opens", long.class);
      PROGRAMS = MethodHandles.lookup().findVarHandle(Inode.class, "programs", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Filesystem filesystem;

  /**
   * Descriptions opened by a path: all of them in the lower half, those for writing (Linux:
   * i_writecount) in the upper.
   */
  private volatile long opens;

  /** Address spaces that run it as their program. */
  private volatile int programs;

  protected Inode(Filesystem filesystem) {
    this.filesystem = filesystem;
  }

  public final Filesystem filesystem() {
    return filesystem;
  }

  /**
   * Whether a description opened by a path may write to it: then it cannot be executed (ETXTBSY).
   */
  public final boolean openForWriting() {
    return opens >= WRITER;
  }

  /** Whether a description opened by a path has it. */
  public final boolean isOpen() {
    return opens != 0;
  }

  /** An address space more ({@code change} 1) or less (-1) runs the file. */
  public final void countProgram(int change) {
    PROGRAMS.getAndAdd(this, change);
  }

  /** ETXTBSY if a process runs it: then nobody may write to it (Linux: deny_write_access()). */
  public final void checkNotRunning() {
    if (programs != 0) {
      throw Errno.ETXTBSY.exception();
    }
  }

  /** A description more ({@code sign} 1) or less (-1). */
  final void countOpen(int sign, boolean writer) {
    OPENS.getAndAdd(this, sign * (writer ? WRITER + 1 : 1));
  }

  /** Current attributes. */
  public abstract FileStat stat();

  /** Type and permission bits alone; cheap. */
  public int mode() {
    return stat().mode();
  }

  /** Owner; cheap where the file system can make it so. */
  public int uid() {
    return stat().uid();
  }

  /** Group; as {@link #uid}. */
  public int gid() {
    return stat().gid();
  }

  /**
   * Keeps the contents though the last name goes, as an open description does; for O_PATH. Paired
   * with {@link #unpin}.
   */
  public void pin() {}

  public void unpin() {}

  /** Applies the change; permission has been checked. The default refuses with EPERM. */
  public void setAttributes(SetAttributes change) {
    throw Errno.EPERM.exception();
  }

  /**
   * Opens the file. {@code flags} are open(2)'s; creation and truncation have been dealt with.
   *
   * @param path where it was found, kept by the description for /proc and for relative walks
   */
  public abstract FileDescription open(VfsPath path, int flags, Caller caller);

  /** The child called {@code name}, or null. */
  public Inode lookup(String name) {
    throw Errno.ENOTDIR.exception();
  }

  /**
   * A walk is about to look {@code names} up, each below the one before, beginning here. Where that
   * costs messages one may do instead: what it found may be used in place of {@link #lookup} by
   * that walk and by nobody else. Says nothing of whether the names may be searched.
   */
  public NamesAhead expect(List<String> names) {
    return NamesAhead.UNKNOWN;
  }

  /** What the VFS may do with the answers of {@link #lookup}. */
  public NameCaching nameCaching() {
    return NameCaching.KEPT;
  }

  /**
   * A walk ends here without having looked the name up (a mount's root, ".", ".."): mode, owner and
   * {@link #statAfterWalk} are to be those of now. Nothing to do unless others than this kernel
   * change them.
   */
  public void refresh() {}

  /** {@link #stat} for who has just walked here, which may have told the attributes already. */
  public FileStat statAfterWalk() {
    return stat();
  }

  /**
   * Creates a file, FIFO, socket or device node; {@code mode} has type and permission bits (umask
   * applied). EEXIST.
   */
  public Inode create(String name, int mode, long rdev, Credentials owner) {
    throw Errno.EROFS.exception();
  }

  /** Creates a regular file without a name in this file system (O_TMPFILE). */
  public Inode createUnnamed(int mode, Credentials owner) {
    throw Errno.EOPNOTSUPP.exception();
  }

  public Inode makeDirectory(String name, int mode, Credentials owner) {
    throw Errno.EROFS.exception();
  }

  public Inode makeSymlink(String name, String target, Credentials owner) {
    throw Errno.EROFS.exception();
  }

  /** Gives {@code existing}, of this same file system, the further name {@code name} here. */
  public void link(String name, Inode existing) {
    throw Errno.EROFS.exception();
  }

  public void unlink(String name) {
    throw Errno.EROFS.exception();
  }

  /** Removes an empty directory; ENOTEMPTY, ENOTDIR. */
  public void removeDirectory(String name) {
    throw Errno.EROFS.exception();
  }

  /**
   * Renames {@code oldName} of this directory to {@code newName} of {@code newParent}, of this same
   * file system. Flags are renameat2(2)'s: RENAME_NOREPLACE 1, RENAME_EXCHANGE 2, RENAME_WHITEOUT
   * 4.
   */
  public void rename(String oldName, Inode newParent, String newName, int flags) {
    throw Errno.EROFS.exception();
  }

  /** The target of a symbolic link. */
  public String readlink(Caller caller) {
    throw Errno.EINVAL.exception();
  }

  /**
   * For links that are not text (proc's exe, cwd, root, fd/N): where they lead, with a reference to
   * nothing. Null: walk the text of {@link #readlink}.
   */
  public VfsPath jump(Caller caller) {
    return null;
  }

  public byte[] getXattr(String name) {
    throw Errno.ENODATA.exception();
  }

  /** Flags: XATTR_CREATE 1, XATTR_REPLACE 2. */
  public void setXattr(String name, byte[] value, int flags) {
    throw Errno.EOPNOTSUPP.exception();
  }

  public void removeXattr(String name) {
    throw Errno.EOPNOTSUPP.exception();
  }

  public List<String> listXattr() {
    return List.of();
  }
}
