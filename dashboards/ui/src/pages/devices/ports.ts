import type { InterfaceView } from "$/api/client";

export type PortState = "up" | "down" | "off" | "free" | "unknown";

const UP = 1;
const ADMIN_DOWN = 2;

/**
 * What ifOperStatus and ifAdminStatus (RFC 2863) come to. A port switched off by its owner is not a fault, and neither
 * is one where nothing is said to be plugged in: it is no end of a link, and nobody has described it.
 */
export function portState(
  port: Pick<InterfaceView, "name" | "alias" | "oper" | "admin">,
  linked: ReadonlySet<string>,
): PortState {
  if (port.admin === ADMIN_DOWN) return "off";
  if (port.oper === null) return "unknown";
  if (port.oper === UP) return "up";
  return port.alias || linked.has(port.name) ? "down" : "free";
}
