package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.wire.DirectoryEntry;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.Request;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.VfsPath;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** A directory of the host, bound to a fid for as long as the connection lives. */
final class GoferDirectory extends GoferInode {
  /** After so many names that were not there the directory is listed: the next ones cost no message. */
  private static final int MISSES_BEFORE_LISTING = 3;

  /** A directory with more entries than this is not kept as a set of names. */
  private static final int MOST_NAMES_KEPT = 20_000;

  private final int fid;
  private final AtomicInteger misses = new AtomicInteger();

  /** Every name in it; null until it was listed. */
  private volatile Set<String> names;

  GoferDirectory(GoferFilesystem filesystem, FileStat stat, int fid) {
    super(filesystem, stat);
    this.fid = fid;
  }

  int fid() {
    return fid;
  }

  @Override
  public Inode lookup(String name) {
    Set<String> known = names;
    if (known != null && !known.contains(name)) {
      return null;
    }
    int newFid = fs().client().newFid();
    Reply.Walked walked = fs().client().ask(new Request.Walk(fid, newFid, List.of(name)), Reply.Walked.class);
    if (walked.stopped() == Errno.ENOENT) {
      if (misses.incrementAndGet() == MISSES_BEFORE_LISTING) {
        keepNames();
      }
      return null;
    }
    if (walked.stopped() != null) {
      throw walked.stopped().exception();
    }
    if (walked.found().size() != 1) {
      throw Errno.EIO.exception();
    }
    return fs().inode(this, name, walked.found().getFirst(), newFid, walked.target());
  }

  private void keepNames() {
    List<DirectoryEntry> entries = entries(MOST_NAMES_KEPT);
    if (entries.size() < MOST_NAMES_KEPT) {
      Set<String> all = HashSet.newHashSet(entries.size());
      entries.forEach(e -> all.add(e.name()));
      names = all;
    }
  }

  /** The entries, without "." and "..", until there are {@code atLeast}. */
  List<DirectoryEntry> entries(int atLeast) {
    List<DirectoryEntry> all = new ArrayList<>();
    long offset = 0;
    boolean end = false;
    while (!end && all.size() < atLeast) {
      Reply.Entries batch =
          fs().client().ask(new Request.ReadDirectory(fid, offset, false), Reply.Entries.class);
      end = batch.end() || batch.entries().isEmpty();
      offset = batch.next();
      batch.entries().stream().filter(GoferDirectory::plausible).forEach(all::add);
    }
    return all;
  }

  /** The gofer may lie; such a name must not reach an application. */
  private static boolean plausible(DirectoryEntry e) {
    String n = e.name();
    return !n.isEmpty() && !n.equals(".") && !n.equals("..") && n.indexOf('/') < 0 && n.indexOf('\0') < 0;
  }

  @Override
  public FileDescription open(VfsPath path, int flags, Caller caller) {
    return new GoferDirectoryDescription(this, path, flags);
  }

  /** The inode number to show for an entry; of the directory itself for "..", which only getdents shows so. */
  long number(DirectoryEntry e) {
    return fs().number(hostStat().dev(), e.ino());
  }

  static boolean isDirectory(FileStat stat) {
    return FileMode.isDirectory(stat.mode());
  }
}
