"""What made tickets and messages are put together of: words of this trade, the first of each list the commonest, and
behind them as many others as people use, so that no word is in every ticket."""

import random

ZH_TEXT = (
    "卡顿 直播间 主播 画面黑屏 推流失败 观众反馈 请帮忙看下 麻烦尽快 版本 安卓 首帧耗时 延迟很高 "
    "声音断断续续 连麦 进房失败 拉流 秒开率 下降 丢包率 上升 晚上八点 杭州 深圳 广州 上海 北京 电信 联通 "
    "移动 边缘节点 回源 超时 重连 断流 花屏 绿屏 音画不同步 回声 噪音 美颜 编码器 硬编 软编 码率 帧率 分辨率 "
    "切换 前后台 弱网 时延 抖动 带宽 证书过期 域名 劫持 解析 回调 鉴权 签名 过期 参数 错误码 日志 已上传 "
    "附件 截图 复现步骤 偶现 必现 部分用户 全部用户 影响范围 工单 升级二线 研发 已定位 已修复 灰度 发布 回滚 "
    "观察中 确认结单 谢谢 收到 您好 请提供 用户编号 房间号 流名 时间点 机型 系统版本 网络类型 小米 华为 苹果 "
    "荣耀 语聊房 秀场 一对一 电商 教育 海外 新加坡 印尼 中东 节点调度 切流 录制 转码 截流 鉴黄 审核 礼物 "
    "特效 麦位 上麦 下麦 静音 扬声器 蓝牙耳机 采集 权限 后台保活 推送 消息延迟 弹幕 丢失 重复 顺序错乱 计费 "
    "用量 对不上 账单 退款 合同 续费 代金券 补偿 报告 月报 周会 演练 预案 重保 护航 封网 变更 割接 扩容 缩容 "
    "容量 峰值 并发 房间数 在线人数 投诉"
)
EN_TEXT = (
    "freeze|black screen|audio drops|cannot join the room|first frame is slow|stalls|push failed|"
    "after the update|please check|as soon as possible|viewers complain|the anchor|in Jakarta|in Dubai|"
    "packet loss|round trip|error code|timeout|reconnect|token expired|invalid signature|callback|"
    "log attached|screenshot attached|reproduced|not reproduced|some users|all users|fixed in version|"
    "rolled back|thank you|we are looking into it|edge node|origin|transcoding|recording|bitrate|frame rate|"
    "resolution|echo|noise|Bluetooth headset|co-hosting|voice room|gift effect|billing|usage differs|invoice|"
    "refund|contract|escalated to tier 2|resolved"
)
ZH, EN = tuple(ZH_TEXT.split()), tuple(EN_TEXT.split("|"))
OTHERS = 4000
_draw = random.Random(4)
ZH_ALL = (*ZH, *(chr(_draw.randrange(0x4E00, 0x5E00)) + chr(_draw.randrange(0x4E00, 0x8E00)) for _ in range(OTHERS)))
EN_ALL = (*EN, *("".join(_draw.choices("aeiouklmnprst", k=_draw.randrange(4, 9))) for _ in range(OTHERS)))
# Two to five characters, words and phrases, identifiers, filters: (question, how often of a hundred).
QUESTIONS = (
    ("卡顿", 10), ("黑屏", 6), ("秒开率", 6), ("丢包率 杭州", 6), ("首帧耗时", 6), ("推流失败", 6), ("音画不同步", 4),
    ("卡", 1), ("消息延迟 订单", 3), ("画面黑屏 推流失败", 4), ("freeze", 6), ("black screen", 5), ("token exp", 4),
    ('"cannot join the room"', 3), ("room_12345", 8), ("uid_77", 3), ("stream-4242", 4), ("卡顿 status:open", 4),
    ("severity:P1 黑屏", 3), ('customer:"customer 0007" 卡顿', 4), ("after:2026-10-01 回声", 2), ("卡顿 -杭州", 2),
)  # fmt: skip
