package io.loomvisor.kernel.syscall.file;

import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.syscall.SyscallTable;

/** All families of file syscalls. */
public final class FileCalls {
  private final KernelContext kernel;

  public FileCalls(KernelContext kernel) {
    this.kernel = kernel;
  }

  public void register(SyscallTable.Builder b) {
    new ReadWriteCalls().register(b);
    new OpenCalls(kernel).register(b);
    new DescriptorCalls(kernel).register(b);
    new StatCalls(kernel).register(b);
    new UstatCall().register(b);
    new DirectoryCalls(kernel).register(b);
    new NameCalls(kernel).register(b);
    new AttributeCalls(kernel).register(b);
    new PipeCalls(kernel).register(b);
    new SyncCalls().register(b);
    XattrCalls xattrs = new XattrCalls(kernel);
    xattrs.register(b);
    new XattrAtCalls(kernel, xattrs).register(b);
    new ContentCalls(kernel).register(b);
    new TransferCalls().register(b);
    new SpliceCalls().register(b);
  }
}
