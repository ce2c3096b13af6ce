"""Aliyun, as help.aliyun.com documents it: signature V3, SendSms, SingleCallByTts, IvrCall, and its limits."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from tests.vendors_of_chat.double import Asked, Reply
from tests.vendors_of_ringing.phones import Phones

WINDOWS = {60: "分钟", 3600: "小时", 86400: "天"}
DOWN: Reply = (503, {}, {"Code": "ServiceUnavailable", "Message": "The request has failed"})
BAD_KEY: Reply = (404, {}, {"Code": "InvalidAccessKeyId.NotFound", "Message": "Specified access key is not found."})
NO_MONEY: Reply = (200, {}, {"Code": "isv.AMOUNT_NOT_ENOUGH", "Message": "账户余额不足"})


def refused(code: str, message: str = "") -> Reply:
    """A 200 that says no."""
    return 200, {}, {"Code": code, "Message": message, "RequestId": "R"}


@dataclass
class Aliyun(Phones):
    key: str = "LTAI-test"
    secret: str = "aliyun-secret"
    sign: str = "星火值守"
    templates: dict[str, list[str]] = field(
        default_factory=lambda: {
            "SMS_1": ["title", "severity"],
            "SMS_9": ["code"],
            "TTS_1": ["title", "severity"],
            "TTS_9": ["code"],
        }
    )
    of_codes: tuple[tuple[float, int], ...] = ((60, 1), (3600, 5), (86400, 10))
    of_notices: tuple[tuple[float, int], ...] = ((86400, 50),)
    of_calls: tuple[tuple[float, int], ...] = ((60, 1), (3600, 5), (86400, 20))

    def config(self, channel: str) -> dict[str, Any]:
        """An account's settings for SMS or calls."""
        named = {"sign_name": self.sign} if channel == "sms" else {}
        page, code = ("SMS_1", "SMS_9") if channel == "sms" else ("TTS_1", "TTS_9")
        return {
            "base_url": self.url,
            "access_key_id": self.key,
            "page_template": page,
            "code_template": code,
            **named,
        }

    @property
    def secrets(self) -> dict[str, str]:
        return {"access_key_secret": self.secret}

    def answer(self, asked: Asked) -> Reply:
        assert (asked.method, asked.path, asked.body) == ("POST", "/", b"")
        wrong = self.signature_is_wrong(asked)
        if wrong is not None:
            return wrong
        if self.refusals:
            return self.refusals.pop(0)
        action = asked.headers["x-acs-action"]
        assert asked.headers["x-acs-version"] == "2017-05-25"
        said = asked.query
        if action == "SendSms":
            return self.sms(said)
        assert action in ("SingleCallByTts", "IvrCall"), action
        return self.call(action, said)

    def signature_is_wrong(self, asked: Asked) -> Reply | None:
        """Recompute it from what came."""
        head, names, given = (part.strip() for part in asked.headers["authorization"].split(","))
        algorithm, _space, credential = head.partition(" ")
        assert algorithm == "ACS3-HMAC-SHA256"
        if credential != f"Credential={self.key}":
            return BAD_KEY
        signed = names.removeprefix("SignedHeaders=").split(";")
        must = {name for name in asked.headers if name.startswith("x-acs-")} | {"host", "content-type"}
        assert signed == sorted(signed) and set(signed) == must, signed
        assert asked.headers["x-acs-content-sha256"] == hashlib.sha256(asked.body).hexdigest()
        at = datetime.strptime(asked.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        assert abs((self.now - at).total_seconds()) < 900, "an old call"
        nonce = asked.headers["x-acs-signature-nonce"]
        assert nonce not in self.nonces, "a nonce twice"
        self.nonces.add(nonce)
        query = "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in sorted(asked.query.items()))
        canonical = f"POST\n/\n{query}\n"
        canonical += "".join(f"{name}:{asked.headers[name].strip()}\n" for name in signed)
        canonical += f"\n{';'.join(signed)}\n{asked.headers['x-acs-content-sha256']}"
        text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        right = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        if given != f"Signature={right}":
            return 400, {}, {"Code": "SignatureDoesNotMatch", "Message": "Specified signature is not matched."}
        return None

    def sms(self, said: dict[str, str]) -> Reply:
        assert set(said) == {"PhoneNumbers", "SignName", "TemplateCode", "TemplateParam", "OutId"}, said
        if said["SignName"] != self.sign:
            return refused("isv.SMS_SIGNATURE_ILLEGAL", "签名不合法")
        if said["TemplateCode"] not in self.templates:
            return refused("isv.SMS_TEMPLATE_ILLEGAL", "模板不合法")
        number = said["PhoneNumbers"]
        if not (number.isdecimal() and len(number) == 11):
            return refused("isv.MOBILE_NUMBER_ILLEGAL", "号码格式不合法")
        params = self.params(said["TemplateCode"], said["TemplateParam"])
        is_code = list(params) == ["code"]
        beyond = self.over("code" if is_code else "notice", number, self.of_codes if is_code else self.of_notices)
        if beyond is not None:
            return self.limited(beyond)
        made = self.keep(number, "SendSms", params, said["OutId"])
        return 200, {}, {"Code": "OK", "Message": "OK", "BizId": made, "RequestId": "R"}

    def call(self, action: str, said: dict[str, str]) -> Reply:
        if action == "SingleCallByTts":
            known = {"CalledNumber", "TtsCode", "TtsParam", "PlayTimes", "OutId", "CalledShowNumber"}
            template, text = said["TtsCode"], said["TtsParam"]
        else:
            known = {"CalledNumber", "CalledShowNumber", "StartCode", "StartTtsParams", "PlayTimes", "Timeout", "OutId"}
            known |= {f"MenuKeyMap.{n}.{name}" for n in (1, 2, 4) for name in ("Key", "Code")}
            assert said["CalledShowNumber"] and said["MenuKeyMap.1.Code"] in self.templates
            template, text = said["StartCode"], said["StartTtsParams"]
        assert set(said) <= known, set(said) - known
        assert 1 <= int(said["PlayTimes"]) <= 3 and 1 <= len(said["OutId"]) <= 64
        if template not in self.templates:
            return refused("isv.TTS_TEMPLATE_ILLEGAL", "TTS模板不合法")
        params = self.params(template, text)
        beyond = self.over("call", said["CalledNumber"], self.of_calls)
        if beyond is not None:
            return self.limited(beyond)
        made = self.keep(said["CalledNumber"], action, params, said["OutId"])
        return 200, {}, {"Code": "OK", "Message": "OK", "CallId": made, "RequestId": "R"}

    def params(self, template: str, text: str) -> dict[str, str]:
        """The template's variables: these and no others."""
        params = json.loads(text)
        assert list(params) == self.templates[template], (template, params)
        if list(params) == ["code"]:
            assert params["code"].isdecimal() and 4 <= len(params["code"]) <= 6
        self.check_words(list(params.values()), 35 if template.startswith("SMS") else 60)
        return params

    @staticmethod
    def limited(beyond: tuple[float, int]) -> Reply:
        """What Aliyun says then."""
        seconds, most = beyond
        return refused("isv.BUSINESS_LIMIT_CONTROL", f"触发{WINDOWS[int(seconds)]}级流控Permits:{most}")
