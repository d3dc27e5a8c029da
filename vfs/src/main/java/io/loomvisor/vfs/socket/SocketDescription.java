package io.loomvisor.vfs.socket;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import io.loomvisor.vfs.mount.WalkContext;
import java.lang.foreign.MemorySegment;

/**
 * An open socket (socket(7)). As for every description, no operation waits: EAGAIN means that
 * another attempt is worth while after {@link #waitQueue} has told of POLLIN (accept, receive) or
 * POLLOUT (connect, send). What a family does not have fails with EOPNOTSUPP.
 *
 * <p>Addresses are whole struct sockaddrs of at least two bytes; the caller has checked that they
 * are not longer than {@link SocketAbi#ADDRESS_MAX}.
 */
public abstract class SocketDescription extends FileDescription {
  private static final int LONGEST_OPTION = 4096;

  private final WaitQueue waitQueue = new WaitQueue();
  private final SocketOptions options = new SocketOptions();
  private final VfsPath place;
  private final int domain;
  private final int type;
  private final int protocol;

  /**
   * @param owner whose the inode is
   * @param flags O_NONBLOCK or nothing
   */
  protected SocketDescription(
      SocketFilesystem filesystem,
      int domain,
      int type,
      int protocol,
      Credentials owner,
      int flags) {
    super(null, OpenFlags.O_RDWR | flags & OpenFlags.O_NONBLOCK);
    this.place = filesystem.newInode(owner);
    this.domain = domain;
    this.type = type;
    this.protocol = protocol;
  }

  /** Address family. */
  public final int domain() {
    return domain;
  }

  /** SOCK_STREAM and so on. */
  public final int type() {
    return type;
  }

  public final int protocol() {
    return protocol;
  }

  public final SocketOptions options() {
    return options;
  }

  @Override
  public final WaitQueue waitQueue() {
    return waitQueue;
  }

  @Override
  public final String displayName() {
    return place.dentry().name();
  }

  @Override
  public final VfsPath place() {
    return place;
  }

  @Override
  public final Inode inode() {
    return place.inode();
  }

  @Override
  public final long readTimeout() {
    return options.receiveTimeout();
  }

  @Override
  public final long writeTimeout() {
    return options.sendTimeout();
  }

  /** Only streams raise it, and only if nothing was sent before the error. */
  @Override
  public final boolean raisesSigpipe(long written) {
    return type == SocketAbi.SOCK_STREAM && written == 0;
  }

  /** bind(2). */
  public void bind(WalkContext context, byte[] address) {
    throw Errno.EOPNOTSUPP.exception();
  }

  /** listen(2). */
  public void listen(Caller caller, int backlog) {
    throw Errno.EOPNOTSUPP.exception();
  }

  /** accept(2): a connection, whose reference goes to the caller; EAGAIN if there is none. */
  public SocketDescription accept() {
    throw Errno.EOPNOTSUPP.exception();
  }

  /**
   * connect(2). EAGAIN: the other side has no room now, try again from the start.
   *
   * @return false if it is under way: with O_NONBLOCK that is EINPROGRESS, otherwise wait for
   *     POLLOUT and call {@link #finishConnect}
   */
  public boolean connect(WalkContext context, byte[] address) {
    throw Errno.EOPNOTSUPP.exception();
  }

  /** Returns when the connection that {@link #connect} began is there; EAGAIN while it is not. */
  public void finishConnect() {
    throw Errno.EINVAL.exception();
  }

  /**
   * Sends what there is room for: of a stream perhaps a part, of others the whole message or
   * nothing.
   *
   * @return bytes taken from the data; EAGAIN if there is no room, EPIPE, EMSGSIZE, ENOTCONN, …
   */
  public abstract long send(WalkContext context, Sending message);

  /** One call with MSG_ZEROCOPY has sent so many bytes, and its memory is free. */
  public void zeroCopySent(long bytes) {}

  /**
   * Adds what is there to {@code reception}; EAGAIN if nothing is and it has not ended. End of file
   * ends it with nothing added.
   */
  public abstract void receive(Reception reception);

  /**
   * Whether a receive that would wait returns 0 instead: nothing more can come. Asked by those that
   * may wait only; others get EAGAIN.
   */
  public boolean readsEnd() {
    return false;
  }

  /** shutdown(2). */
  public abstract void shutdown(int how);

  /** getsockname(2). */
  public abstract byte[] localName();

  /** getpeername(2); ENOTCONN. */
  public abstract byte[] peerName();

  /** As {@link #peerName}, for accept(2): also of a peer that is gone already. */
  public byte[] acceptedFrom() {
    return peerName();
  }

  /** The error that an asynchronous event has left behind, which is thereby forgotten; null. */
  protected abstract Errno takeError();

  /** Whether it listens (SO_ACCEPTCONN). */
  protected abstract boolean listening();

  /** getsockopt(2); level SOL_SOCKET is common to all, but for what a family adds. */
  public byte[] getOption(int level, int option) {
    if (level != SocketAbi.SOL_SOCKET) {
      throw Errno.EOPNOTSUPP.exception();
    }
    return switch (option) {
      case SocketAbi.SO_TYPE -> SocketOptions.word(type);
      case SocketAbi.SO_DOMAIN -> SocketOptions.word(domain);
      case SocketAbi.SO_PROTOCOL -> SocketOptions.word(protocol);
      case SocketAbi.SO_ACCEPTCONN -> SocketOptions.word(listening() ? 1 : 0);
      // Its inode's number is as good as any other that is never given again.
      case SocketAbi.SO_COOKIE -> SocketOptions.longWord(inode().stat().ino());
      case SocketAbi.SO_ERROR -> {
        Errno error = takeError();
        yield SocketOptions.word(error == null ? 0 : error.number());
      }
      default -> options.get(option);
    };
  }

  /**
   * getsockopt(2) as a whole: stores the value, or what of it there is room for. For options that
   * read their buffer, or count in other units than bytes.
   *
   * @return the length to tell
   */
  public int getOption(Caller caller, int level, int option, long address, int room) {
    byte[] value = getOption(level, option);
    int n = Math.min(room, value.length);
    caller.copyOut(address, MemorySegment.ofArray(value).asSlice(0, n));
    return n;
  }

  /** Bytes of a value of setsockopt(2) that are looked at. */
  public int longestOption(Caller caller, int level, int option) {
    return LONGEST_OPTION;
  }

  /** setsockopt(2). */
  public void setOption(Caller caller, int level, int option, byte[] value) {
    if (level != SocketAbi.SOL_SOCKET) {
      throw Errno.EOPNOTSUPP.exception();
    }
    options.set(caller, option, value);
  }

  @Override
  public final long read(IoTarget target) {
    if (target.remaining() == 0) {
      return 0;
    }
    Reception r = new Reception(target, 0);
    try {
      receive(r);
    } catch (LinuxException e) {
      boolean mayWait = (statusFlags() & OpenFlags.O_NONBLOCK) == 0;
      if (e.errno() == Errno.EAGAIN && mayWait && readsEnd()) {
        return 0;
      }
      throw e;
    }
    r.rights().release();
    return r.length();
  }

  @Override
  public final long write(IoSource source) {
    return send(null, Sending.plain(source, 0));
  }
}
