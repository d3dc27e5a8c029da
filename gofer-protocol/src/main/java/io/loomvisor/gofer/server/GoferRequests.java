package io.loomvisor.gofer.server;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.gofer.wire.Detail;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.Request;
import io.loomvisor.gofer.wire.Wire;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/**
 * What each request does. Requests that change something are in {@link FileChanges}, those that
 * open a file in {@link FileOpener}. Server's thread.
 */
final class GoferRequests implements RequestHandler {
  private static final int NO_FID = -1;

  private final DirectoryTable table;
  private final List<GoferRoot> roots;
  private final DirectoryReader reader;
  private final FileOpener opener;
  private final FileChanges changes;
  private final ExtendedAttributes xattrs;

  /** The descriptor that the reply just made carries, or -1. */
  private int donated = -1;

  GoferRequests(DirectoryTable table, List<GoferRoot> roots, Arena arena) {
    this.table = table;
    this.roots = roots;
    var buffer = arena.allocate(Wire.MAX_XATTR_VALUE, 64);
    reader = new DirectoryReader(buffer);
    opener = new FileOpener();
    changes = new FileChanges(table, opener);
    xattrs = new ExtendedAttributes(opener, buffer);
  }

  @Override
  public Reply handle(Request request) {
    donated = -1;
    return switch (request) {
      case Request.Attach r -> attach(r);
      case Request.Walk r -> walk(r);
      case Request.Look r -> look(r);
      case Request.GetAttributes(int fid, String name) ->
          new Reply.Attributes(stat(table.get(fid), name));
      case Request.Open r -> open(r);
      case Request.Create r -> create(r);
      case Request.ReadDirectory(int fid, long offset, Detail detail) ->
          reader.read(table.descriptor(table.get(fid)), offset, detail);
      case Request.ReadChild r -> readChild(r);
      case Request.ReadLink(int fid, String name) ->
          new Reply.Text(DirectoryCalls.readlink(table.descriptor(table.get(fid)), name));
      case Request.StatFileSystem(int fid) ->
          new Reply.FileSystem(DirectoryCalls.statFileSystem(table.descriptor(table.get(fid))));
      case Request.SetFileAttributes r ->
          changes.setAttributes(writable(r.fid()), r.name(), r.change());
      case Request.MakeDirectory r -> changes.makeDirectory(writable(r.fid()), r);
      case Request.MakeSymlink r -> changes.makeSymlink(writable(r.fid()), r);
      case Request.MakeNode r -> changes.makeNode(writable(r.fid()), r);
      case Request.Link r ->
          changes.link(writable(r.fid()), r.name(), writable(r.newFid()), r.newName());
      case Request.Unlink r -> changes.unlink(writable(r.fid()), r.name(), r.directory());
      case Request.Rename r ->
          changes.rename(writable(r.fid()), r.name(), writable(r.newFid()), r.newName(), r.flags());
      case Request.GetXattr r -> xattrs.get(descriptor(r.fid()), r.name(), r.attribute());
      case Request.ListXattr r -> xattrs.list(descriptor(r.fid()), r.name());
      case Request.SetXattr r ->
          xattrs.set(
              table.descriptor(writable(r.fid())), r.name(), r.attribute(), r.value(), r.flags());
      case Request.RemoveXattr r ->
          xattrs.remove(table.descriptor(writable(r.fid())), r.name(), r.attribute());
      case Request.Sync r -> opener.sync(descriptor(r.fid()), r.name());
      case Request.Clunk(int[] fids) -> clunk(fids);
      case Request.Flush r -> new Reply.Done();
      case Request.Socket r -> throw Errno.EOPNOTSUPP.exception(); // it has files
    };
  }

  @Override
  public int takeDonated() {
    int fd = donated;
    donated = -1;
    return fd;
  }

  private int descriptor(int fid) {
    return table.descriptor(table.get(fid));
  }

  /** The directory of a fid below which changes are allowed; EROFS. */
  private DirectoryNode writable(int fid) {
    DirectoryNode node = table.get(fid);
    if (node.root.readOnly()) {
      throw Errno.EROFS.exception();
    }
    return node;
  }

  private FileStat stat(DirectoryNode directory, String name) {
    return DirectoryCalls.stat(table.descriptor(directory), name);
  }

  private Reply attach(Request.Attach r) {
    if (r.root() < 0 || r.root() >= roots.size()) {
      throw Errno.ENOENT.exception();
    }
    table.checkFree(r.fid());
    GoferRoot root = roots.get(r.root());
    FileStat stat = DirectoryCalls.stat(root.fd(), "");
    if (!FileMode.isDirectory(stat.mode())) {
      throw Errno.ENOTDIR.exception();
    }
    table.bind(r.fid(), table.root(root, stat));
    return new Reply.Attributes(stat);
  }

  private Reply walk(Request.Walk r) {
    for (int i = 0; i < Math.max(1, r.names().size()); i++) {
      table.checkFree(r.newFid() + i);
    }
    DirectoryNode at = table.get(r.fid());
    List<FileStat> found = new ArrayList<>(r.names().size());
    at.references++;
    try {
      Reply reply = walkFrom(at, r.names(), found, r.newFid());
      if (r.names().isEmpty()) {
        table.bind(r.newFid(), at);
      }
      return reply;
    } finally {
      at.references--;
      table.settle(at);
    }
  }

  private Reply look(Request.Look r) {
    DirectoryNode at = table.get(r.fid());
    List<FileStat> found = new ArrayList<>(r.names().size() + 1);
    found.add(stat(at, ""));
    at.references++;
    try {
      return walkFrom(at, r.names(), found, NO_FID);
    } finally {
      at.references--;
      table.settle(at);
    }
  }

  /**
   * Adds the attributes of {@code names} in turn to {@code found}.
   *
   * @param newFid of the first, {@link #NO_FID} to bind none
   */
  private Reply walkFrom(DirectoryNode from, List<String> names, List<FileStat> found, int newFid) {
    DirectoryNode at = from;
    String target = null;
    Errno stopped = null;
    int fid = newFid;
    for (String name : names) {
      if (at == null) {
        stopped = Errno.ENOTDIR;
        break;
      }
      try {
        FileStat stat = stat(at, name);
        target =
            FileMode.isSymlink(stat.mode())
                ? DirectoryCalls.readlink(table.descriptor(at), name)
                : null;
        found.add(stat);
        DirectoryNode next = FileMode.isDirectory(stat.mode()) ? table.child(at, name, stat) : null;
        if (next != null && newFid != NO_FID) {
          table.bind(fid, next);
        }
        fid++;
        if (next != at) {
          table.settle(at);
        }
        at = next;
      } catch (LinuxException e) {
        stopped = e.errno();
        break;
      }
    }
    if (at != null) {
      table.settle(at);
    }
    return new Reply.Walked(found, stopped, target);
  }

  private Reply readChild(Request.ReadChild r) {
    table.checkFree(r.newFid());
    DirectoryNode parent = table.get(r.fid());
    FileStat stat = stat(parent, r.name());
    if (!FileMode.isDirectory(stat.mode()) || stat.dev() != r.dev() || stat.ino() != r.inode()) {
      throw Errno.ESTALE.exception();
    }
    DirectoryNode child = table.child(parent, r.name(), stat);
    try {
      Reply entries = reader.read(table.descriptor(child), 0, r.detail());
      table.bind(r.newFid(), child);
      return entries;
    } finally {
      table.settle(child);
    }
  }

  private Reply open(Request.Open r) {
    DirectoryNode directory = table.get(r.fid());
    FileOpener.Opened file =
        opener.open(
            table.descriptor(directory), r.name(), r.flags(), r.inode(), directory.root.readOnly());
    donated = file.fd();
    return new Reply.Opened(file.stat());
  }

  private Reply create(Request.Create r) {
    FileOpener.Opened file =
        opener.create(table.descriptor(writable(r.fid())), r.name(), r.mode(), r.uid(), r.gid());
    donated = file.fd();
    return new Reply.Opened(file.stat());
  }

  private Reply clunk(int[] fids) {
    for (int fid : fids) {
      table.clunk(fid);
    }
    return new Reply.Done();
  }
}
