package io.loomvisor.vfs.gofer;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.Request;
import io.loomvisor.gofer.wire.Wire;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.NamesAhead;
import java.util.ArrayList;
import java.util.List;

/**
 * Finding names in a directory that others change too: the host is asked each time, for a whole
 * path at once. What a directory knows of its children serves to find a file again when it has to
 * be opened; an operation that needs to be sure asks again.
 */
record SharedNames(GoferDirectory directory) {
  /** How often a lookup starts over because of changes here, before it is done in the actor. */
  private static final int PATIENCE = 3;

  /** The answer to one question. */
  private record Looked(List<String> path, Reply.Walked reply, long question) {
    /** Names found. */
    int count() {
      return reply.found().size() - 1;
    }

    boolean absentAfter() {
      return reply.stopped() == Errno.ENOENT;
    }
  }

  private GoferFilesystem fs() {
    return directory.fs();
  }

  Inode lookup(String name) {
    for (int tries = 0; tries < PATIENCE; tries++) {
      int seen = fs().changes();
      Looked looked = one(name);
      List<Inode> found = fs().call(() -> fs().changes() == seen ? enter(looked) : null);
      if (found != null) {
        return found.isEmpty() ? null : found.getFirst();
      }
    }
    return fs().call(() -> lookupHeld(name));
  }

  /** In the file system's actor. */
  GoferInode lookupHeld(String name) {
    List<Inode> found = enter(one(name));
    return found.isEmpty() ? null : (GoferInode) found.getFirst();
  }

  /** ENOENT is an answer, any other reason why the name was not found is an error. */
  private Looked one(String name) {
    Looked looked = ask(List.of(name));
    Errno stopped = looked.reply.stopped();
    if (stopped != null && stopped != Errno.ENOENT) {
      throw stopped.exception();
    }
    if (looked.count() != (stopped == null ? 1 : 0)) {
      throw Errno.EIO.exception();
    }
    return looked;
  }

  NamesAhead look(List<String> path) {
    int seen = fs().changes();
    Looked looked =
        ask(path.size() > Wire.MAX_WALK ? path.subList(0, Wire.MAX_WALK) : List.copyOf(path));
    List<Inode> found = fs().call(() -> fs().changes() == seen ? enter(looked) : null);
    return found == null ? NamesAhead.UNKNOWN : new NamesAhead(found, looked.absentAfter());
  }

  private Looked ask(List<String> path) {
    long question = fs().question();
    Reply.Walked reply =
        directory.with(f -> fs().client().ask(new Request.Look(f, path), Reply.Walked.class));
    int found = reply.found().size();
    if (found == 0 || found > path.size() + 1 || reply.stopped() == null && found <= path.size()) {
      throw Errno.EIO.exception();
    }
    directory.heard(reply.found().getFirst(), question);
    return new Looked(path, reply, question);
  }

  /** In the file system's actor: takes over what was found. */
  private List<Inode> enter(Looked looked) {
    List<Inode> inodes = new ArrayList<>(looked.count());
    GoferDirectory at = directory;
    for (int i = 0; i < looked.count(); i++) {
      if (at == null) {
        throw Errno.EIO.exception(); // something below what is no directory
      }
      boolean last = i == looked.count() - 1;
      GoferInode child =
          enter(
              at,
              looked.path.get(i),
              looked.reply.found().get(i + 1),
              last ? looked.reply.target() : null,
              looked.question);
      inodes.add(child);
      at = child instanceof GoferDirectory d ? d : null;
    }
    if (at != null && looked.absentAfter()) {
      at.lose(looked.path.get(looked.count()));
    }
    return inodes;
  }

  private GoferInode enter(
      GoferDirectory at, String name, FileStat stat, String target, long question) {
    GoferInode child = fs().inode(stat, 0, target);
    child.heard(stat, question);
    if (at.knownChild(name) != child) {
      at.lose(name);
      at.adopt(name, child);
    }
    return child;
  }
}
