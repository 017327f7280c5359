import type { InterfaceView } from "$/api/client";

export type PortState = "up" | "down" | "off" | "unknown";

const UP = 1;
const ADMIN_DOWN = 2;

/** What ifOperStatus and ifAdminStatus (RFC 2863) come to: a port switched off by its owner is not a fault. */
export function portState(port: Pick<InterfaceView, "oper" | "admin">): PortState {
  if (port.admin === ADMIN_DOWN) return "off";
  if (port.oper === null) return "unknown";
  return port.oper === UP ? "up" : "down";
}
