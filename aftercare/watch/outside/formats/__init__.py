"""What the payloads of other monitoring systems say: one file for each, pure functions out of JSON."""

from aftercare.watch.models import SourceKind
from aftercare.watch.outside.formats import alertmanager, aliyun, grafana, mapped, nightingale, tencent, zabbix
from aftercare.watch.outside.formats.said import Format

FORMATS: dict[str, Format] = {
    SourceKind.ALERTMANAGER: alertmanager.FORMAT,
    SourceKind.GRAFANA: grafana.FORMAT,
    SourceKind.NIGHTINGALE: nightingale.FORMAT,
    SourceKind.ZABBIX: zabbix.FORMAT,
    SourceKind.ALIYUN: aliyun.FORMAT,
    SourceKind.TENCENT: tencent.FORMAT,
    SourceKind.JSON: mapped.FORMAT,
}
