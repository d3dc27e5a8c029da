package io.loomvisor.platform;

/**
 * The user-mode registers of one task, without the FPU. Owned by the task's thread; valid between
 * two calls of {@link Context#run}. Plain fields: a syscall reads six of them.
 */
public final class Registers {
  public long rax;
  public long rbx;
  public long rcx;
  public long rdx;
  public long rsi;
  public long rdi;
  public long rsp;
  public long rbp;
  public long r8;
  public long r9;
  public long r10;
  public long r11;
  public long r12;
  public long r13;
  public long r14;
  public long r15;
  public long rip;
  public long rflags = 0x202;
  public long fsBase;
  public long gsBase;

  public void copyFrom(Registers o) {
    rax = o.rax;
    rbx = o.rbx;
    rcx = o.rcx;
    rdx = o.rdx;
    rsi = o.rsi;
    rdi = o.rdi;
    rsp = o.rsp;
    rbp = o.rbp;
    r8 = o.r8;
    r9 = o.r9;
    r10 = o.r10;
    r11 = o.r11;
    r12 = o.r12;
    r13 = o.r13;
    r14 = o.r14;
    r15 = o.r15;
    rip = o.rip;
    rflags = o.rflags;
    fsBase = o.fsBase;
    gsBase = o.gsBase;
  }
}
