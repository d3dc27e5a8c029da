package io.loomvisor.task.memory;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Context;
import io.loomvisor.platform.CpuFeatures;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.Platform;
import io.loomvisor.platform.TscClock;
import java.util.ArrayList;
import java.util.List;

/** A platform without a CPU. */
final class FakePlatform implements Platform {
  final FakeMemoryFile memory;
  final List<FakeAddressSpace> spaces = new ArrayList<>();

  FakePlatform(int frames) {
    memory = new FakeMemoryFile(frames);
  }

  @Override
  public String description() {
    return "fake";
  }

  @Override
  public MemoryFile memory() {
    return memory;
  }

  @Override
  public long trim() {
    return 0;
  }

  @Override
  public AddressSpace newAddressSpace() {
    FakeAddressSpace s = new FakeAddressSpace();
    spaces.add(s);
    return s;
  }

  @Override
  public Context newContext() {
    throw new UnsupportedOperationException();
  }

  @Override
  public CpuFeatures features() {
    return new CpuFeatures(0, 0, 3, 576, "", "", "", 6, 0, 0);
  }

  @Override
  public TscClock tscClock() {
    return null;
  }

  @Override
  public int vcpuCount() {
    return 1;
  }

  @Override
  public boolean cpuNumberReadable() {
    return false;
  }

  @Override
  public boolean closed() {
    return false;
  }

  @Override
  public void close() {}
}
