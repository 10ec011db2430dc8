import { BlockList, isIPv6 } from 'node:net';

/** Whether an address lies in a range like `10.0.0.0/24`, or is the single address given instead of a range. */
export function matchesCidr(range: string, address: string): boolean {
  const [network = '', bits] = range.split('/');
  const family = isIPv6(network) ? 'ipv6' : 'ipv4';
  if (isIPv6(address) !== (family === 'ipv6')) return false;
  const list = new BlockList();
  try {
    list.addSubnet(network, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  } catch {
    return false;
  }
  return list.check(address, family);
}
