package io.loomvisor.vfs.sys;

import io.loomvisor.vfs.proc.NetworkView;
import io.loomvisor.vfs.synthetic.StaticDirectory;
import io.loomvisor.vfs.synthetic.SyntheticFilesystem;
import io.loomvisor.vfs.synthetic.SyntheticSymlink;
import java.util.HexFormat;
import java.util.function.Function;
import java.util.function.Supplier;

/** class/net with links to devices/virtual/net, one directory per interface. */
final class NetTree {
  private static final int IFF_UP = 1;
  private static final int IFF_LOOPBACK = 8;

  private NetTree() {}

  static void fill(SyntheticFilesystem filesystem, StaticDirectory root, NetworkView network) {
    root.directory("class")
        .add(
            "net",
            new InterfaceList(
                filesystem,
                network,
                false,
                i ->
                    new SyntheticSymlink(
                        filesystem, caller -> "../../devices/virtual/net/" + i.name())));
    root.directory("devices")
        .directory("virtual")
        .add(
            "net",
            new InterfaceList(
                filesystem, network, true, i -> interfaceFiles(filesystem, network, i)));
  }

  private static StaticDirectory interfaceFiles(
      SyntheticFilesystem filesystem, NetworkView network, NetworkView.Interface named) {
    StaticDirectory d = new StaticDirectory(filesystem);
    // Of that moment, as it may be brought up or down; the last known if it has gone.
    Supplier<NetworkView.Interface> now =
        () ->
            network.interfaces().stream()
                .filter(i -> i.index() == named.index())
                .findFirst()
                .orElse(named);
    boolean loopback = (named.flags() & IFF_LOOPBACK) != 0;
    add(d, now, "address", i -> HexFormat.ofDelimiter(":").formatHex(i.hardwareAddress()));
    add(d, now, "addr_len", i -> Integer.toString(i.hardwareAddress().length));
    add(d, now, "broadcast", i -> loopback ? "00:00:00:00:00:00" : "ff:ff:ff:ff:ff:ff");
    add(d, now, "carrier", i -> up(i) ? "1" : "0");
    add(d, now, "flags", i -> "0x" + Integer.toHexString(i.flags() & 0xFFFF));
    add(d, now, "ifindex", i -> Integer.toString(i.index()));
    add(d, now, "iflink", i -> Integer.toString(i.index()));
    add(d, now, "mtu", i -> Integer.toString(i.mtu()));
    add(d, now, "operstate", i -> loopback ? "unknown" : up(i) ? "up" : "down");
    add(d, now, "tx_queue_len", i -> "1000");
    add(d, now, "type", i -> Integer.toString(i.hardwareType()));
    return d;
  }

  private static boolean up(NetworkView.Interface i) {
    return (i.flags() & IFF_UP) != 0;
  }

  private static void add(
      StaticDirectory d,
      Supplier<NetworkView.Interface> now,
      String name,
      Function<NetworkView.Interface, String> value) {
    d.add(name, new Attribute((SyntheticFilesystem) d.filesystem(), () -> value.apply(now.get())));
  }
}
