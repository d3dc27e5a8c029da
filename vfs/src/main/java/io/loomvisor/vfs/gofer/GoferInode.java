package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.SetAttributes;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.Request;
import io.loomvisor.vfs.Inode;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A file of the host: its attributes as last heard, its known names, its uses. */
abstract class GoferInode extends Inode {
  /** A place where the gofer can find the file. */
  record Name(GoferDirectory directory, String name) {}

  /**
   * What one asks the gofer about a file: {@code name} in {@code fid}, or {@code fid} itself if it
   * is empty.
   */
  interface Question<R> {
    R ask(int fid, String name);
  }

  /** In {@link #uses}: its last name is being taken away while nobody uses it. */
  private static final int DOOMED = -1;

  /** In {@link #uses}: the contents are gone. */
  private static final int DISCARDED = -2;

  private final HostFile identity;

  /** Attributes of the host, and the number of the question that they answer. */
  private record Heard(FileStat stat, long question) {}

  private static final VarHandle HEARD;

  static {
    try {
      HEARD = MethodHandles.lookup().findVarHandle(GoferInode.class, "heard", Heard.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** As the host has them; replaced as a whole. */
  private volatile Heard heard;

  /** The host has other ones by now. */
  private volatile boolean stale;

  /** Changed in the file system's actor. A directory has one, the root none. */
  private volatile List<Name> names = List.of();

  /** Open descriptions and pins, or {@link #DOOMED} or {@link #DISCARDED}. */
  private final AtomicInteger uses = new AtomicInteger();

  GoferInode(GoferFilesystem filesystem, FileStat host) {
    super(filesystem);
    this.heard = new Heard(host, 0);
    this.identity = HostFile.of(host);
  }

  final GoferFilesystem fs() {
    return (GoferFilesystem) filesystem();
  }

  final HostFile identity() {
    return identity;
  }

  /** As the host has them, but perhaps some time ago. */
  final FileStat host() {
    return heard.stat;
  }

  /**
   * Whether {@code stat}, which has our identity, can be this file and not one that has got its
   * number later.
   */
  boolean canBe(FileStat stat, String target) {
    FileStat h = host();
    return uses.get() != DISCARDED
        && (h.mode() & FileMode.S_IFMT) == (stat.mode() & FileMode.S_IFMT)
        && h.btime().equals(stat.btime());
  }

  /** The host has changed the attributes. */
  final void touched() {
    stale = true;
  }

  /**
   * Takes over what the host says now; EIO if that is another file.
   *
   * @param question its number, taken before it was asked: answers to later ones are newer than
   *     this one's asker needs and stay
   */
  final void heard(FileStat now, long question) {
    if (!isThis(now)) {
      throw Errno.EIO.exception();
    }
    Heard next = new Heard(now, question);
    Heard before;
    do {
      before = heard;
    } while (before.question <= question && !HEARD.compareAndSet(this, before, next));
  }

  /** Whether these are attributes of this file. */
  final boolean isThis(FileStat now) {
    return HostFile.of(now).equals(identity)
        && (now.mode() & FileMode.S_IFMT) == (host().mode() & FileMode.S_IFMT);
  }

  /**
   * Asks the host for the attributes as they are now; what was heard last if it can no longer find
   * the file.
   */
  abstract FileStat refreshed();

  /** st_size. */
  long size() {
    return host().size();
  }

  @Override
  public final int mode() {
    return host().mode();
  }

  @Override
  public final int uid() {
    return host().uid();
  }

  @Override
  public final int gid() {
    return host().gid();
  }

  @Override
  public final void refresh() {
    if (fs().shared()) {
      long question = fs().question();
      heard(refreshed(), question);
    }
  }

  @Override
  public final FileStat stat() {
    refresh();
    return statAfterWalk();
  }

  @Override
  public final FileStat statAfterWalk() {
    if (stale && !fs().shared()) {
      stale = false;
      try {
        heard(refreshed(), 0);
      } catch (RuntimeException e) {
        stale = true;
        throw e;
      }
    }
    FileStat s = host();
    return new FileStat(
        fs().device(),
        fs().number(s.dev(), s.ino()),
        s.mode(),
        s.nlink(),
        s.uid(),
        s.gid(),
        s.rdev(),
        size(),
        s.blockSize(),
        s.blocks(),
        s.atime(),
        s.mtime(),
        s.ctime(),
        s.btime());
  }

  // Names.

  final List<Name> names() {
    return names;
  }

  /** The first known name; ESTALE if there is none. */
  final Name name() {
    List<Name> known = names;
    if (known.isEmpty()) {
      throw Errno.ESTALE.exception();
    }
    return known.getFirst();
  }

  /** In the file system's actor. */
  final void gainName(Name name) {
    if (fs().shared() && FileMode.isDirectory(mode())) {
      names = List.of(name); // any other is one that the host has renamed it from
    } else if (!names.contains(name)) {
      List<Name> more = new ArrayList<>(names);
      more.add(name);
      names = List.copyOf(more);
    }
  }

  /** In the file system's actor: the name leads here no more. */
  final void loseName(Name name) {
    names = names.stream().filter(n -> !n.equals(name)).toList();
  }

  /** In the file system's actor: the host has given the file {@code delta} links more. */
  final void addLinks(int delta) {
    FileStat s = host();
    replace(withOwner(s, s.mode(), s.uid(), s.gid(), Math.max(0, s.nlink() + delta)));
    touched();
  }

  private void replace(FileStat now) {
    heard = new Heard(now, heard.question);
  }

  private static FileStat withOwner(FileStat s, int mode, int uid, int gid, long nlink) {
    return new FileStat(
        s.dev(),
        s.ino(),
        mode,
        nlink,
        uid,
        gid,
        s.rdev(),
        s.size(),
        s.blockSize(),
        s.blocks(),
        s.atime(),
        s.mtime(),
        s.ctime(),
        s.btime());
  }

  final boolean unlinked() {
    return host().nlink() == 0;
  }

  /**
   * In the file system's actor: a file that nobody uses and none of whose names is known is not
   * kept; if others have renamed it, it is found anew. For shared trees.
   */
  final void forgetIfLost() {
    if (names.isEmpty() && uses.get() == 0 && this != fs().root()) {
      fs().forget(this);
      lost();
    }
  }

  /** In the file system's actor: it is kept no more, see {@link #forgetIfLost}. */
  void lost() {}

  /**
   * Nobody can find the file any more. In a shared tree a file without links may be mounted all the
   * same: Docker mounts single files, and editors replace files.
   */
  final boolean gone() {
    return unlinked() && (!fs().shared() || names.isEmpty());
  }

  // Uses.

  /** Counts a use; ENOENT if the file goes or went with its last name. */
  @Override
  public final void pin() {
    for (; ; ) {
      int n = uses.get();
      if (n < 0) {
        throw Errno.ENOENT.exception();
      }
      if (uses.compareAndSet(n, n + 1)) {
        return;
      }
    }
  }

  @Override
  public final void unpin() {
    if (uses.decrementAndGet() == 0) {
      if (gone()) {
        discardIfUnused();
      } else {
        unused();
        if (names.isEmpty() && fs().shared()) {
          fs().run(this::forgetIfLost);
        }
      }
    }
  }

  /** The last use has gone, for now; the file has links. */
  void unused() {}

  final boolean inUse() {
    return uses.get() > 0;
  }

  /**
   * In the file system's actor: the last link may be about to go. False if somebody uses the file.
   */
  final boolean doom() {
    return uses.compareAndSet(0, DOOMED);
  }

  /** In the file system's actor: the link did not go after all. */
  final void spare() {
    uses.compareAndSet(DOOMED, 0);
  }

  /** Frees what is kept for the file if its last link and its last use are gone. */
  final void discardIfUnused() {
    if (gone() && (uses.compareAndSet(0, DISCARDED) || uses.compareAndSet(DOOMED, DISCARDED))) {
      fs().run(() -> fs().forget(this));
      discard();
    }
  }

  /** Called once, with no actor held. */
  void discard() {}

  // Attributes.

  /** Asks about the file by a name, in the file system's actor, so that the name holds. */
  final <R> R named(Question<R> question) {
    return fs().call(() -> namedHeld(question));
  }

  <R> R namedHeld(Question<R> question) {
    Name n = fs().shared() ? verified().name : name();
    return n.directory.with(fid -> question.ask(fid, n.name));
  }

  /** In the file system's actor: {@link #refreshed} by a name. */
  final FileStat refreshedHeld() {
    if (names.isEmpty()) {
      return host();
    }
    if (!fs().shared()) {
      return namedHeld(this::attributes);
    }
    try {
      return verified().stat;
    } catch (LinuxException e) {
      if (e.errno() == Errno.ESTALE) {
        return host();
      }
      throw e;
    }
  }

  private FileStat attributes(int fid, String name) {
    return fs().client().ask(new Request.GetAttributes(fid, name), Reply.Attributes.class).stat();
  }

  /** What the host says of a name that leads here. */
  private record Verified(Name name, FileStat stat) {}

  /**
   * In the file system's actor: a name that leads here according to the host; those that do not are
   * forgotten. ESTALE if there is none.
   */
  private Verified verified() {
    for (; ; ) {
      Name n = name();
      FileStat stat = found(n);
      if (stat != null && isThis(stat)) {
        return new Verified(n, stat);
      }
      n.directory.lose(n.name, this);
    }
  }

  /** Null if there is nothing called so. */
  private FileStat found(Name n) {
    try {
      return n.directory.with(fid -> attributes(fid, n.name));
    } catch (LinuxException e) {
      return switch (e.errno()) {
        case ENOENT, ENOTDIR, ESTALE -> null;
        default -> throw e;
      };
    }
  }

  @Override
  public void setAttributes(SetAttributes change) {
    fs().checkWritable();
    if (change.size() != null) {
      throw Errno.EINVAL.exception();
    }
    apply(change);
  }

  /**
   * Everything but the size. Of a file without links nobody but us knows, so its attributes need
   * not reach the host.
   */
  final void apply(SetAttributes change) {
    boolean nothing =
        change.mode() == null
            && change.uid() == null
            && change.gid() == null
            && change.atime() == null
            && change.mtime() == null;
    if (nothing) {
      return;
    }
    if (gone()) {
      fs().run(() -> replace(changed(host(), change)));
      return;
    }
    SetAttributes rest =
        new SetAttributes(
            change.mode(), change.uid(), change.gid(), null, change.atime(), change.mtime());
    long question = fs().question();
    Reply.Attributes reply =
        named(
            (fid, name) ->
                fs().client()
                    .ask(new Request.SetFileAttributes(fid, name, rest), Reply.Attributes.class));
    heard(reply.stat(), question);
  }

  private static FileStat changed(FileStat s, SetAttributes c) {
    int mode =
        c.mode() == null ? s.mode() : s.mode() & FileMode.S_IFMT | c.mode() & FileMode.PERMISSIONS;
    return new FileStat(
        s.dev(),
        s.ino(),
        mode,
        s.nlink(),
        c.uid() == null ? s.uid() : c.uid(),
        c.gid() == null ? s.gid() : c.gid(),
        s.rdev(),
        s.size(),
        s.blockSize(),
        s.blocks(),
        c.atime() == null ? s.atime() : c.atime(),
        c.mtime() == null ? s.mtime() : c.mtime(),
        s.ctime(),
        s.btime());
  }

  // Extended attributes: those in "user." of regular files and directories (xattr(7)).

  private static boolean isUser(String attribute) {
    return attribute.startsWith("user.");
  }

  private boolean mayHaveXattrs() {
    return FileMode.isRegular(mode()) || FileMode.isDirectory(mode());
  }

  @Override
  public final byte[] getXattr(String attribute) {
    if (!isUser(attribute) || !mayHaveXattrs() || gone()) {
      throw Errno.ENODATA.exception();
    }
    return named(
        (fid, name) ->
            fs().client()
                .ask(new Request.GetXattr(fid, name, attribute), Reply.Bytes.class)
                .value());
  }

  @Override
  public final List<String> listXattr() {
    if (!mayHaveXattrs() || gone()) {
      return List.of();
    }
    return named(
        (fid, name) ->
            fs().client().ask(new Request.ListXattr(fid, name), Reply.Names.class).names());
  }

  @Override
  public final void setXattr(String attribute, byte[] value, int flags) {
    checkXattrChange(attribute);
    named(
        (fid, name) ->
            fs().client()
                .ask(new Request.SetXattr(fid, name, attribute, value, flags), Reply.Done.class));
    touched();
  }

  @Override
  public final void removeXattr(String attribute) {
    checkXattrChange(attribute);
    named(
        (fid, name) ->
            fs().client().ask(new Request.RemoveXattr(fid, name, attribute), Reply.Done.class));
    touched();
  }

  private void checkXattrChange(String attribute) {
    fs().checkWritable();
    if (!isUser(attribute) || gone()) {
      throw Errno.EOPNOTSUPP.exception();
    }
    if (!mayHaveXattrs()) {
      throw Errno.EPERM.exception();
    }
  }
}
