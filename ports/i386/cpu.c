/**
 * What the processor has: CPUID, where it knows that instruction.
 */
#include "i386/cpu.h"

#include <stdbool.h>
#include <stdint.h>

#define FLAG_AC      0x40000u  /* can change since the 486 */
#define FLAG_ID      0x200000u /* can change where there is CPUID */
#define CPUID_TSC    0x10u
#define CPUID_RDRAND 0x40000000u

static bool
flag_can_change(uint32_t flag)
{
  uint32_t before, after;

  __asm__ volatile("pushfl; popl %0; movl %0, %1; xorl %2, %1; pushl %1; popfl; pushfl; popl %1; pushl %0; popfl"
                   : "=&r"(before), "=&r"(after)
                   : "ri"(flag)
                   : "cc");
  return ((before ^ after) & flag) != 0;
}

unsigned
i386_cpu_features(void)
{
  uint32_t eax = 1, ebx, ecx = 0, edx;

  if (!flag_can_change(FLAG_AC) || !flag_can_change(FLAG_ID)) {
    return 0;
  }
  __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
  return ((edx & CPUID_TSC) ? I386_CPU_TSC : 0u) | ((ecx & CPUID_RDRAND) ? I386_CPU_RDRAND : 0u);
}
