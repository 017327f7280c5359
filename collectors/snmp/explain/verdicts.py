"""The verdicts of a diagnosis: what is wrong and what to do, in Vietnamese and English."""

from dataclasses import dataclass
from enum import StrEnum

from wardwatch.model.text import Words


class Verdict(StrEnum):
    """What a diagnosis comes to."""

    OK = "ok"
    ALIVE = "alive"
    DEAD = "dead"
    UNREACHABLE = "unreachable"
    PROHIBITED = "prohibited"
    CLOSED = "closed"
    SILENT = "silent"
    NOT_SNMP = "not_snmp"
    COMMUNITY = "community"
    VERSION = "version"
    NO_V3 = "no_v3"
    USER = "user"
    AUTHENTICATION = "authentication"
    AUTHENTICATION_PROTOCOL = "authentication_protocol"
    LEVEL = "level"
    PRIVACY = "privacy"
    PRIVACY_PROTOCOL = "privacy_protocol"
    CLOCK = "clock"
    ACCESS = "access"
    VIEW = "view"


@dataclass(frozen=True, slots=True)
class Meaning:
    """A verdict in words. `certain` is False where the protocol cannot tell it from something else, which the words
    then name. `{detail}` is filled in."""

    cause: Words
    advice: Words
    certain: bool = True


MEANINGS: dict[Verdict, Meaning] = {
    Verdict.OK: Meaning(
        Words("Thiết bị trả lời SNMP đúng với thông tin đăng nhập này", "The agent answers this login"),
        Words("Không cần làm gì", "Nothing needs to be done"),
    ),
    Verdict.ALIVE: Meaning(
        Words("Có tác nhân SNMP tại đây ({detail})", "An SNMP agent lives there ({detail})"),
        Words(
            "Chạy lại với --community hoặc --user để kiểm tra thông tin đăng nhập",
            "run again with --community or --user to check a login",
        ),
    ),
    Verdict.DEAD: Meaning(
        Words(
            "Không có gì trả lời: SNMP, ping và các cổng TCP đều im lặng",
            "Nothing answers at all: neither SNMP nor ping nor TCP ports",
        ),
        Words(
            "Kiểm tra nguồn điện, đường truyền, định tuyến; hoặc tường lửa chặn mọi thứ từ đây",
            "check power, line and route, or a firewall that drops everything from here",
        ),
        certain=False,
    ),
    Verdict.UNREACHABLE: Meaning(
        Words(
            "Không đến được địa chỉ này: bộ định tuyến trên đường, hoặc chính mạng nội bộ này, báo không có ai ở đó",
            "The address cannot be reached: a router on the way, or this very network, says that nobody is there",
        ),
        Words(
            "Kiểm tra địa chỉ, nguồn điện, định tuyến và cổng kết nối",
            "check the address, power, the route and the access port",
        ),
    ),
    Verdict.PROHIBITED: Meaning(
        Words(
            "Tường lửa hoặc danh sách truy cập trên đường từ chối gói SNMP từ đây",
            "A firewall or access list on the way refuses SNMP from here",
        ),
        Words(
            "Cho phép UDP đến cổng này từ địa chỉ của máy giám sát",
            "allow UDP to this port from this collector's address",
        ),
    ),
    Verdict.CLOSED: Meaning(
        Words(
            "Máy đang sống nhưng không có dịch vụ SNMP ở cổng này", "The host lives, but nothing listens on this port"
        ),
        Words(
            "Bật SNMP trên thiết bị, hoặc sửa số cổng; tường lửa cũng có thể từ chối kiểu này",
            "turn SNMP on at the device, or correct the port; some firewalls refuse in this way, too",
        ),
    ),
    Verdict.SILENT: Meaning(
        Words(
            "Máy đang sống ({detail}) nhưng SNMP im lặng: sai community, danh sách truy cập chặn địa chỉ này, "
            "hoặc SNMP bị tắt hay bị tường lửa chặn; giao thức không cho phân biệt",
            "The host lives ({detail}) but is silent to SNMP: a wrong community, an access list without this address, "
            "or SNMP turned off or filtered; the protocol does not tell them apart",
        ),
        Words(
            "Kiểm tra lần lượt trên thiết bị: SNMP có bật không, community, danh sách truy cập; rồi đến tường lửa",
            "check at the device, in this order: is SNMP on, the community, its access list; then firewalls on the way",
        ),
        certain=False,
    ),
    Verdict.NOT_SNMP: Meaning(
        Words("Cái trả lời ở cổng này không nói SNMP", "What answers on this port does not speak SNMP"),
        Words("Kiểm tra địa chỉ và cổng", "check the address and the port"),
    ),
    Verdict.COMMUNITY: Meaning(
        Words(
            "Tác nhân SNMP đang sống và nhận gói từ đây ({detail}) nhưng im lặng với community này: community sai, "
            "hoặc danh sách truy cập của nó không có địa chỉ này",
            "The agent lives and hears us ({detail}) but is silent to this community: it is wrong, or its access list "
            "at the device is without this collector's address",
        ),
        Words(
            "Nhập lại community; xem danh sách truy cập gắn với community trên thiết bị",
            "enter the community again; look at the access list that belongs to it at the device",
        ),
    ),
    Verdict.VERSION: Meaning(
        Words(
            "Community đúng nhưng thiết bị chỉ nói {detail}",
            "The community is right, but the agent speaks {detail} only",
        ),
        Words("Dùng loại đăng nhập của phiên bản đó", "use a credential of that version"),
    ),
    Verdict.NO_V3: Meaning(
        Words(
            "Máy đang sống ({detail}) nhưng không trả lời SNMPv3: SNMPv3 bị tắt, hoặc bị tường lửa chặn",
            "The host lives ({detail}) but does not answer SNMPv3: it is off, or a firewall or access list drops it",
        ),
        Words(
            "Bật SNMPv3 trên thiết bị, rồi xem danh sách truy cập",
            "turn SNMPv3 on at the device, then see access lists",
        ),
        certain=False,
    ),
    Verdict.USER: Meaning(
        Words("Thiết bị không biết người dùng này (usmStatsUnknownUserNames)", "The agent does not know this user"),
        Words(
            "Kiểm tra tên (phân biệt hoa thường) và tạo người dùng trên thiết bị",
            "check the name (case matters), and create the user at the device",
        ),
    ),
    Verdict.AUTHENTICATION: Meaning(
        Words(
            "Người dùng đúng, mật khẩu xác thực sai (usmStatsWrongDigests)",
            "The user is right, the authentication password is wrong",
        ),
        Words("Nhập lại mật khẩu xác thực ở cả hai phía", "enter the authentication password again on both sides"),
    ),
    Verdict.AUTHENTICATION_PROTOCOL: Meaning(
        Words(
            "Mật khẩu xác thực đúng, giao thức xác thực sai: thiết bị dùng {detail}",
            "The authentication password is right, its protocol is wrong: the agent uses {detail}",
        ),
        Words("Đổi giao thức xác thực thành {detail}", "set the authentication protocol to {detail}"),
    ),
    Verdict.LEVEL: Meaning(
        Words(
            "Thiết bị không có {detail} cho người dùng này (usmStatsUnsupportedSecLevels)",
            "The agent has no {detail} for this user",
        ),
        Words(
            "Bỏ khóa đó khỏi thông tin đăng nhập, hoặc đặt nó trên thiết bị",
            "take that key out of the credential, or set it at the device",
        ),
    ),
    Verdict.PRIVACY: Meaning(
        Words(
            "Xác thực đúng, mật khẩu mã hóa sai ({detail})",
            "Authentication is right, the privacy password is wrong ({detail})",
        ),
        Words("Nhập lại mật khẩu mã hóa ở cả hai phía", "enter the privacy password again on both sides"),
    ),
    Verdict.PRIVACY_PROTOCOL: Meaning(
        Words(
            "Mật khẩu mã hóa đúng, giao thức mã hóa sai: thiết bị dùng {detail}",
            "The privacy password is right, its protocol is wrong: the agent uses {detail}",
        ),
        Words("Đổi giao thức mã hóa thành {detail}", "set the privacy protocol to {detail}"),
    ),
    Verdict.CLOCK: Meaning(
        Words(
            "Đồng hồ SNMPv3 của thiết bị không khớp với chính nó (usmStatsNotInTimeWindows)",
            "The agent's SNMPv3 clock does not agree with itself",
        ),
        Words(
            "Khởi động lại dịch vụ SNMP; có thể hai thiết bị dùng chung địa chỉ hoặc engine id",
            "restart its SNMP service; two devices may share this address or its engine id",
        ),
    ),
    Verdict.ACCESS: Meaning(
        Words(
            "Đăng nhập đúng nhưng thiết bị từ chối đọc (authorizationError)",
            "The login is right, but the agent refuses to be read",
        ),
        Words(
            "Cho người dùng hoặc community này vào nhóm có quyền đọc ở mức bảo mật này",
            "give this user or community a group that may read at this security level",
        ),
    ),
    Verdict.VIEW: Meaning(
        Words(
            "Đăng nhập đúng nhưng khung nhìn (view) không cho thấy sysUpTime",
            "The login is right, but its view does not show sysUpTime",
        ),
        Words(
            "Mở rộng khung nhìn trên thiết bị: ít nhất 1.3.6.1.2.1 và cây của hãng",
            "widen the view at the device: at least 1.3.6.1.2.1 and the vendor's tree",
        ),
    ),
}


def filled(words: Words, detail: Words) -> Words:
    """The words with their detail put in."""
    return Words(words.vi.replace("{detail}", detail.vi), words.en.replace("{detail}", detail.en))
