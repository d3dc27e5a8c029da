package io.loomvisor.net.buffer;

import io.loomvisor.net.wire.IpAddress;

/**
 * The addresses and ports of a flow, seen from this host. The instance inside a {@link
 * PacketBuffer} is overwritten per packet and serves as the look-up key; keys kept in a table are
 * copies that nobody changes.
 */
public final class FlowKey {
  public boolean v6;
  public long localHi;
  public long localLo;
  public long remoteHi;
  public long remoteLo;
  public int localPort;
  public int remotePort;

  public FlowKey() {}

  public FlowKey(IpAddress local, int localPort, IpAddress remote, int remotePort) {
    v6 = local.v6();
    localHi = local.hi();
    localLo = local.lo();
    remoteHi = remote.hi();
    remoteLo = remote.lo();
    this.localPort = localPort;
    this.remotePort = remotePort;
  }

  public FlowKey copy() {
    FlowKey k = new FlowKey();
    k.set(this);
    return k;
  }

  public void set(FlowKey o) {
    v6 = o.v6;
    localHi = o.localHi;
    localLo = o.localLo;
    remoteHi = o.remoteHi;
    remoteLo = o.remoteLo;
    localPort = o.localPort;
    remotePort = o.remotePort;
  }

  public IpAddress local() {
    return new IpAddress(v6, localHi, localLo);
  }

  public IpAddress remote() {
    return new IpAddress(v6, remoteHi, remoteLo);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FlowKey o
        && localLo == o.localLo
        && remoteLo == o.remoteLo
        && localPort == o.localPort
        && remotePort == o.remotePort
        && localHi == o.localHi
        && remoteHi == o.remoteHi
        && v6 == o.v6;
  }

  @Override
  public int hashCode() {
    long h =
        (localLo * 31 + remoteLo) * 0x9E3779B97F4A7C15L + (localHi ^ Long.rotateLeft(remoteHi, 17));
    h = (h ^ (h >>> 32)) * 0xD6E8FEB86659FD93L + ((long) localPort << 16 | remotePort);
    h = (h ^ (h >>> 29)) * 0x9E3779B97F4A7C15L;
    return (int) (h >>> 32);
  }
}
