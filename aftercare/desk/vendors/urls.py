"""Where vendors of chat deliver what people say: one address for each account."""

from django.urls import path

from aftercare.desk.vendors import dingtalk, feishu, slack, telegram, wecom_bot

urlpatterns = [
    path("hooks/desk/<slug:ref>/feishu", feishu.receive, name="feishu_hook"),
    path("hooks/desk/<slug:ref>/dingtalk", dingtalk.receive, name="dingtalk_hook"),
    path("hooks/desk/<slug:ref>/slack", slack.receive, name="slack_hook"),
    path("hooks/desk/<slug:ref>/telegram", telegram.receive, name="telegram_hook"),
    path("hooks/desk/<slug:ref>/wecom", wecom_bot.receive, name="wecom_bot_hook"),
]
