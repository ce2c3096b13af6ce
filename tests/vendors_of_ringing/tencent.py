"""Tencent Cloud, as cloud.tencent.com documents it: signature v3, SendSms, SendTtsVoice, SendCodeVoice, its limits."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.vendors_of_chat.double import Asked, Reply
from tests.vendors_of_ringing.phones import Phones

DOWN: Reply = (200, {}, {"Response": {"Error": {"Code": "InternalError", "Message": "internal"}, "RequestId": "R"}})
NAMES = {30: "PhoneNumberThirtySecondLimit", 3600: "PhoneNumberOneHourLimit", 86400: "PhoneNumberDailyLimit"}


def error(code: str, message: str = "") -> Reply:
    """HTTP says 200 to all of them."""
    return 200, {}, {"Response": {"Error": {"Code": code, "Message": message}, "RequestId": "R"}}


@dataclass
class Tencent(Phones):
    key: str = "AKID-test"
    secret: str = "tencent-secret"
    app: str = "1400006666"
    sign: str = "星火值守"
    templates: dict[str, int] = field(default_factory=lambda: {"110": 2, "119": 1, "210": 2})
    of_texts: tuple[tuple[float, int], ...] = ((30, 1), (86400, 10))
    of_calls: tuple[tuple[float, int], ...] = ((30, 1), (600, 2), (86400, 5))

    def config(self, channel: str) -> dict[str, Any]:
        """An account's settings for SMS or calls."""
        common = {"base_url": self.url, "secret_id": self.key, "sdk_app_id": self.app}
        if channel == "voice":
            return {**common, "page_template": "210"}
        return {**common, "sign_name": self.sign, "page_template": "110", "code_template": "119"}

    @property
    def secrets(self) -> dict[str, str]:
        return {"secret_key": self.secret}

    def answer(self, asked: Asked) -> Reply:
        assert (asked.method, asked.path, asked.query) == ("POST", "/", {})
        action = asked.headers["x-tc-action"]
        service = "sms" if action == "SendSms" else "vms"
        wrong = self.signature_is_wrong(asked, service)
        if wrong is not None:
            return wrong
        assert asked.headers["x-tc-version"] == ("2021-01-11" if service == "sms" else "2020-09-02")
        if service == "sms":
            assert asked.headers["x-tc-region"]
        if self.refusals:
            return self.refusals.pop(0)
        return self.sms(asked.json) if service == "sms" else self.call(action, asked.json)

    def signature_is_wrong(self, asked: Asked, service: str) -> Reply | None:
        """Recompute it from what came."""
        scheme, _space, rest = asked.headers["authorization"].partition(" ")
        fields = dict(part.strip().split("=", 1) for part in rest.split(","))
        stamp = asked.headers["x-tc-timestamp"]
        day = datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d")
        assert scheme == "TC3-HMAC-SHA256" and fields["Credential"].endswith(f"/{day}/{service}/tc3_request")
        if not fields["Credential"].startswith(f"{self.key}/"):
            return error("AuthFailure.SecretIdNotFound", "密钥不存在")
        if abs(self.now.timestamp() - int(stamp)) > 300:
            return self.fault("an old call", error("AuthFailure.SignatureExpire"))
        names = fields["SignedHeaders"].split(";")
        assert names == sorted(names) and {"content-type", "host"} <= set(names)
        told = "".join(f"{name}:{asked.headers[name].strip().lower()}\n" for name in names)
        digest = hashlib.sha256(asked.body).hexdigest()
        canonical = f"POST\n/\n\n{told}\n{fields['SignedHeaders']}\n{digest}"
        text = f"TC3-HMAC-SHA256\n{stamp}\n{day}/{service}/tc3_request\n"
        text += hashlib.sha256(canonical.encode()).hexdigest()

        def step(key: bytes, word: str) -> bytes:
            return hmac.new(key, word.encode(), hashlib.sha256).digest()

        key = step(step(step(("TC3" + self.secret).encode(), day), service), "tc3_request")
        if fields["Signature"] != hmac.new(key, text.encode(), hashlib.sha256).hexdigest():
            return error("AuthFailure.SignatureFailure", "签名错误")
        return None

    def sms(self, said: dict[str, Any]) -> Reply:
        known = {"PhoneNumberSet", "SmsSdkAppId", "SignName", "TemplateId", "TemplateParamSet", "SessionContext"}
        assert set(said) == known and said["SmsSdkAppId"] == self.app, said
        assert len(said["SessionContext"].encode()) < 512
        (number,) = said["PhoneNumberSet"]
        if said["SignName"] != self.sign:
            return self.status(number, "FailedOperation.SignatureIncorrectOrUnapproved")
        if self.templates.get(said["TemplateId"]) != len(said["TemplateParamSet"]):
            return self.status(number, "FailedOperation.TemplateIncorrectOrUnapproved")
        self.check_words(said["TemplateParamSet"], 12)
        beyond = self.over("text", number, self.of_texts)
        if beyond is not None:
            return self.status(number, f"LimitExceeded.{NAMES[int(beyond[0])]}")
        return self.status(number, "Ok", self.keep(number, "SendSms", said["TemplateParamSet"]))

    @staticmethod
    def status(number: str, code: str, serial: str = "") -> Reply:
        """The answer about one number."""
        status = {
            "SerialNo": serial,
            "PhoneNumber": number,
            "Fee": 1,
            "SessionContext": "",
            "Code": code,
            "Message": code,
        }
        return 200, {}, {"Response": {"SendStatusSet": [status], "RequestId": "R"}}

    def call(self, action: str, said: dict[str, Any]) -> Reply:
        own = {"TemplateId", "TemplateParamSet"} if action == "SendTtsVoice" else {"CodeMessage"}
        assert action in ("SendTtsVoice", "SendCodeVoice")
        assert set(said) == {"CalledNumber", "VoiceSdkAppid", "PlayTimes", "SessionContext", *own}, said
        assert said["VoiceSdkAppid"] == self.app and 1 <= said["PlayTimes"] <= 3
        number = said["CalledNumber"]
        if not number.startswith("+86"):
            return error("InvalidParameterValue.CalledNumberVerifyFail", "仅支持国内")
        if action == "SendTtsVoice":
            if self.templates.get(said["TemplateId"]) != len(said["TemplateParamSet"]):
                return error("FailedOperation.TemplateUnapprovedOrNotExist")
            self.check_words(said["TemplateParamSet"], 350)
            assert sum(map(len, said["TemplateParamSet"])) <= 350
        else:
            assert said["CodeMessage"].isdecimal()
        if self.over("call", number, self.of_calls) is not None:
            return error("LimitExceeded.DeliveryFrequencyLimit", "命中频率限制策略")
        made = self.keep(number, action, said.get("TemplateParamSet", said.get("CodeMessage")), said["SessionContext"])
        status = {"CallId": made, "SessionContext": said["SessionContext"]}
        return 200, {}, {"Response": {"SendStatus": status, "RequestId": "R"}}
