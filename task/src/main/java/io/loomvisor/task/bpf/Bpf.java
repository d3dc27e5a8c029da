package io.loomvisor.task.bpf;

/** Operation codes of classic BPF (include/uapi/linux/bpf_common.h, filter.h). */
public final class Bpf {
  public static final int LD = 0x00;
  public static final int LDX = 0x01;
  public static final int ST = 0x02;
  public static final int STX = 0x03;
  public static final int ALU = 0x04;
  public static final int JMP = 0x05;
  public static final int RET = 0x06;
  public static final int MISC = 0x07;
  public static final int CLASS_MASK = 0x07;

  public static final int W = 0x00;
  public static final int H = 0x08;
  public static final int B = 0x10;
  public static final int SIZE_MASK = 0x18;

  public static final int IMM = 0x00;
  public static final int ABS = 0x20;
  public static final int IND = 0x40;
  public static final int MEM = 0x60;
  public static final int LEN = 0x80;
  public static final int MSH = 0xa0;
  public static final int MODE_MASK = 0xe0;

  public static final int ADD = 0x00;
  public static final int SUB = 0x10;
  public static final int MUL = 0x20;
  public static final int DIV = 0x30;
  public static final int OR = 0x40;
  public static final int AND = 0x50;
  public static final int LSH = 0x60;
  public static final int RSH = 0x70;
  public static final int NEG = 0x80;
  public static final int MOD = 0x90;
  public static final int XOR = 0xa0;
  public static final int OP_MASK = 0xf0;

  public static final int JA = 0x00;
  public static final int JEQ = 0x10;
  public static final int JGT = 0x20;
  public static final int JGE = 0x30;
  public static final int JSET = 0x40;

  /** The operand is X rather than the constant. */
  public static final int X = 0x08;

  /** RET of the accumulator. */
  public static final int A = 0x10;

  public static final int TAX = 0x00;
  public static final int TXA = 0x80;

  /** Words of scratch memory. */
  public static final int MEMWORDS = 16;

  /** Places in front of which a packet's facts are loaded (linux/filter.h). */
  public static final int SKF_AD_OFF = -0x1000;

  public static final int SKF_NET_OFF = -0x100000;
  public static final int SKF_LL_OFF = -0x200000;

  public static final int SKF_AD_PROTOCOL = 0;
  public static final int SKF_AD_PKTTYPE = 4;
  public static final int SKF_AD_IFINDEX = 8;
  public static final int SKF_AD_MARK = 20;
  public static final int SKF_AD_QUEUE = 24;
  public static final int SKF_AD_HATYPE = 28;
  public static final int SKF_AD_RXHASH = 32;
  public static final int SKF_AD_CPU = 36;

  /** No load: A ^= X. */
  public static final int SKF_AD_ALU_XOR_X = 40;

  public static final int SKF_AD_VLAN_TAG = 44;
  public static final int SKF_AD_VLAN_TAG_PRESENT = 48;
  public static final int SKF_AD_RANDOM = 56;
  public static final int SKF_AD_VLAN_TPID = 60;

  private Bpf() {}
}
