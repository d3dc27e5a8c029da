package io.loomvisor.gofer.wire;

import io.loomvisor.gofer.abi.SetAttributes;
import java.util.List;

/**
 * What the sentry asks. {@code fid} is a directory of the connection; {@code name} one entry of it.
 * Where a comment says "or empty", the empty name means the directory itself. New fids are numbers
 * that the sentry chooses; one that is bound is refused with EBADF. Every request may be answered
 * by {@link Reply.Failure} instead of what is given.
 */
public sealed interface Request {
  /** Binds {@code fid} to the root directory number {@code root}. {@link Reply.Attributes}. */
  record Attach(int root, int fid) implements Request {}

  /**
   * Looks up {@code names} in turn from {@code fid}. Each that is found and is a directory gets a
   * fid, also if the walk stops later: the first of them {@code newFid}, the second {@code newFid}
   * + 1 and so on. Without names {@code newFid} is bound to the directory itself. {@link
   * Reply.Walked}.
   */
  record Walk(int fid, int newFid, List<String> names) implements Request {}

  /**
   * As {@link Walk}, but binds no fid, and tells of the directory {@code fid} as well. {@link
   * Reply.Walked}, whose first attributes are the directory's own.
   */
  record Look(int fid, List<String> names) implements Request {}

  /** stat(2) of an entry, or empty. {@link Reply.Attributes}. */
  record GetAttributes(int fid, String name) implements Request {}

  /** Changes attributes of an entry, or empty. {@link Reply.Attributes}: those after the change. */
  record SetFileAttributes(int fid, String name, SetAttributes change) implements Request {}

  /**
   * Opens a regular file, for it is the only kind that is donated.
   *
   * @param flags access mode and O_TRUNC
   * @param inode the host inode number that is expected (ESTALE otherwise); 0: any
   */
  record Open(int fid, String name, int flags, long inode) implements Request {}

  /**
   * Creates a regular file, exclusively, and opens it for reading and writing. {@link
   * Reply.Opened}.
   */
  record Create(int fid, String name, int mode, int uid, int gid) implements Request {}

  /**
   * Entries from the position {@code offset} (0: the start) on, "." and ".." left out. {@link
   * Reply.Entries}.
   */
  record ReadDirectory(int fid, long offset, Detail detail) implements Request {}

  /**
   * Binds {@code newFid} to the directory {@code name} in {@code fid} and gives its first entries,
   * as {@link ReadDirectory} does: a {@link Walk} less for who goes through a tree. ESTALE if that
   * is not the directory with the host's device number {@code dev} and inode number {@code inode}.
   * {@link Reply.Entries}.
   */
  record ReadChild(int fid, String name, int newFid, long dev, long inode, Detail detail)
      implements Request {}

  /** {@link Reply.Attributes} of the new directory, as for the next two. */
  record MakeDirectory(int fid, String name, int mode, int uid, int gid) implements Request {}

  record MakeSymlink(int fid, String name, String target, int uid, int gid) implements Request {}

  /** A FIFO or socket; the gofer makes no devices (EPERM). */
  record MakeNode(int fid, String name, int mode, int uid, int gid) implements Request {}

  /** Gives the entry a further name. {@link Reply.Attributes}. */
  record Link(int fid, String name, int newFid, String newName) implements Request {}

  /** {@link Reply.Done}. */
  record Unlink(int fid, String name, boolean directory) implements Request {}

  /** renameat2(2). {@link Reply.Done}. */
  record Rename(int fid, String name, int newFid, String newName, int flags) implements Request {}

  /** {@link Reply.Text}. */
  record ReadLink(int fid, String name) implements Request {}

  /** {@link Reply.FileSystem}. */
  record StatFileSystem(int fid) implements Request {}

  /** Of an entry, or empty. {@link Reply.Bytes}. */
  record GetXattr(int fid, String name, String attribute) implements Request {}

  /** Of an entry, or empty. {@link Reply.Done}. */
  record SetXattr(int fid, String name, String attribute, byte[] value, int flags)
      implements Request {}

  /** Of an entry, or empty. {@link Reply.Done}. */
  record RemoveXattr(int fid, String name, String attribute) implements Request {}

  /** Of an entry, or empty. {@link Reply.Names}. */
  record ListXattr(int fid, String name) implements Request {}

  /** fsync(2) of an entry, or empty. {@link Reply.Done}. */
  record Sync(int fid, String name) implements Request {}

  /** Forgets fids; unknown ones are passed over. {@link Reply.Done}. */
  record Clunk(int[] fids) implements Request {}

  /** Asked of a socket gofer, and of no other; that serves nothing else. */
  record Socket(SocketRequest what) implements Request {}

  /** {@link Reply.Done}, when every request sent before has been answered. */
  record Flush() implements Request {}
}
