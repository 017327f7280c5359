"""DNS (RFC 1035): a server must know a name."""

import dns.asyncquery
import dns.exception
import dns.message
import dns.rcode

from collectors.services.failures import CheckFailed
from collectors.services.line import Line
from wardwatch.model.text import Words, visible


async def names(line: Line) -> None:
    """Asks by UDP, by TCP when the answer is cut short."""
    check = line.check
    assert check.query is not None, "the inventory holds it"
    address = await line.resolve()
    with line.step("request") as said:
        question = dns.message.make_query(check.query, check.record)
        try:
            answer, _ = await dns.asyncquery.udp_with_fallback(question, address, check.timeout_s, check.at_port)
        except (dns.exception.DNSException, OSError, EOFError) as error:
            raise CheckFailed(
                f"Máy chủ tên miền không trả lời: {error}", f"The name server gives no answer: {error}"
            ) from None
        if answer.rcode() != dns.rcode.NOERROR:
            code = dns.rcode.to_text(answer.rcode())
            raise CheckFailed(f"Máy chủ trả lời {code}", f"The server answers {code}")
        found = [visible(record.to_text()) for records in answer.answer for record in records][:50]
        if not found:
            raise CheckFailed(
                f"Không có bản ghi {check.record} của {check.query}", f"{check.query} has no {check.record} record"
            )
        said.append(Words.same(", ".join(found)[:500]))
    if check.text is not None:
        with line.step("match"):
            if not any(check.text in record for record in found):
                raise CheckFailed(f"Không có “{check.text}”", f"'{check.text}' is not among the records")
