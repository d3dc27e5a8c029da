package io.loomvisor.vfs.sys;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.vfs.DirectorySink;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.NameCaching;
import io.loomvisor.vfs.proc.NetworkView;
import io.loomvisor.vfs.synthetic.SyntheticDirectory;
import io.loomvisor.vfs.synthetic.SyntheticFilesystem;
import io.loomvisor.vfs.synthetic.SyntheticInode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** A directory with an entry for each interface that there is at the moment. */
final class InterfaceList extends SyntheticDirectory {
  private final NetworkView network;
  private final boolean directories;
  private final Function<NetworkView.Interface, SyntheticInode> make;

  /** What has been made for interfaces, by number and name; those that have gone are forgotten. */
  private final Map<String, SyntheticInode> made = new ConcurrentHashMap<>();

  /**
   * @param directories whether entries are directories, and not symbolic links
   */
  InterfaceList(
      SyntheticFilesystem filesystem,
      NetworkView network,
      boolean directories,
      Function<NetworkView.Interface, SyntheticInode> make) {
    super(filesystem, filesystem.newInodeNumber(), 0555);
    this.network = network;
    this.directories = directories;
    this.make = make;
  }

  @Override
  public NameCaching nameCaching() {
    return NameCaching.NONE;
  }

  @Override
  protected long links() {
    return directories ? 2L + network.interfaces().size() : 2;
  }

  @Override
  public Inode lookup(String name) {
    return network.interfaces().stream()
        .filter(i -> i.name().equals(name))
        .findFirst()
        .map(this::inode)
        .orElse(null);
  }

  private SyntheticInode inode(NetworkView.Interface i) {
    return made.computeIfAbsent(key(i), k -> make.apply(i));
  }

  private static String key(NetworkView.Interface i) {
    return i.index() + " " + i.name();
  }

  @Override
  protected void list(long position, DirectorySink sink) {
    List<NetworkView.Interface> all = network.interfaces();
    made.keySet().retainAll(all.stream().map(InterfaceList::key).toList());
    for (NetworkView.Interface i : all) {
      long at = FIRST_POSITION + i.index();
      SyntheticInode inode = inode(i);
      if (at >= position
          && !sink.entry(i.name(), inode.ino(), FileMode.direntType(inode.mode()), at + 1)) {
        return;
      }
    }
  }
}
